//! Common-cause groups: events that can fail each alone, and some or all of them together.
//!
//! A group of n members with a total probability Q says with what probability Q_k exactly so and so many given members fail
//! together, after one of four models. Each member becomes an or over the causes that it is part of.
//!
//! Source: Mosleh et al., NUREG/CR-5485 (1998): beta factor (Fleming 1974), multiple Greek letters, alpha factors; phi
//! factors as in Open-PSA.

use std::collections::HashMap;

use super::{Place, Reader, What, XmlError};

/// Members of a group at most: it has two to that power causes.
const MEMBERS_MAX: usize = 12;

/// A way in which some members of a group fail together.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// `[a b]` of members a and b.
    pub(super) name: String,
    /// Its probability, if the group's is known.
    pub(super) probability: Option<f64>,
}

impl Reader<'_, '_> {
    /// The causes of each member of a group.
    pub(super) fn common_causes(&mut self) -> Result<HashMap<usize, Vec<Cause>>, XmlError> {
        let mut all = HashMap::new();
        for group in self.groups.clone() {
            self.group(group, &mut all)?;
        }
        Ok(all)
    }

    fn group(&mut self, place: Place, all: &mut HashMap<usize, Vec<Cause>>) -> Result<(), XmlError> {
        let name = self.name_of(place)?;
        let model = self.element(place).attribute("model").unwrap_or("beta-factor").to_owned();
        let (mut members, mut total) = (Vec::new(), None);
        let mut factors: Vec<(Option<usize>, f64)> = Vec::new();
        for child in self.children(place) {
            match self.element(child).name {
                "members" => {
                    for member in self.children(child) {
                        let member_name = self.name_of(member)?;
                        let found = self.meant(&member_name, "");
                        let found = found.filter(|f| self.symbols[*f].what == What::Basic);
                        // A member need not be defined elsewhere: the group says what it needs.
                        let symbol = match found {
                            Some(symbol) => symbol,
                            None => {
                                self.define(member, "", What::Basic)?;
                                self.symbols.len() - 1
                            }
                        };
                        members.push((symbol, member_name));
                    }
                }
                "distribution" => {
                    total = match self.children(child).first() {
                        Some(expression) => self.value(*expression, 0)?,
                        None => None,
                    }
                }
                "factors" => {
                    for factor in self.children(child) {
                        factors.push(self.factor(factor)?);
                    }
                }
                "factor" => factors.push(self.factor(child)?),
                _ => {}
            }
        }
        let n = members.len();
        if !(2..=MEMBERS_MAX).contains(&n) {
            let text = format!("group `{name}` has {n} members; 2 to {MEMBERS_MAX} are possible");
            return Err(self.error(place, text));
        }
        let shares = self.shares(place, &name, &model, n, &factors)?;
        for mask in 1_usize..1 << n {
            let share = shares[mask.count_ones() as usize - 1];
            if share <= 0.0 {
                continue;
            }
            let inside = |i: &usize| mask >> i & 1 == 1;
            let names: Vec<&str> = (0..n).filter(inside).map(|i| members[i].1.as_str()).collect();
            let cause =
                Cause { name: format!("[{}]", names.join(" ")), probability: total.map(|q| q * share) };
            for i in (0..n).filter(inside) {
                all.entry(members[i].0).or_default().push(cause.clone());
            }
        }
        Ok(())
    }

    fn factor(&mut self, place: Place) -> Result<(Option<usize>, f64), XmlError> {
        let level = self.element(place).attribute("level").map(str::to_owned);
        let level = match level {
            None => None,
            Some(text) => Some(
                text.parse().map_err(|_| self.error(place, format!("level `{text}` is no whole number")))?,
            ),
        };
        let value = match self.children(place).first() {
            Some(expression) => self.value(*expression, 0)?,
            None => None,
        };
        let value = value.ok_or_else(|| self.error(place, "a factor whose value is not known"))?;
        Ok((level, value))
    }

    /// For k from 1: the share of the total probability with which k given members, and no others, fail together.
    fn shares(
        &self,
        place: Place,
        name: &str,
        model: &str,
        n: usize,
        factors: &[(Option<usize>, f64)],
    ) -> Result<Vec<f64>, XmlError> {
        // Factors without a level follow each other from the first that the model has.
        let first = if matches!(model, "alpha-factor" | "phi-factor") { 1 } else { 2 };
        let mut of_level = vec![0.0; n + 2];
        for (i, (level, value)) in factors.iter().enumerate() {
            let level = if model == "beta-factor" { 2 } else { level.unwrap_or(first + i) };
            if !(first..=n).contains(&level) || !(0.0..=1.0).contains(value) {
                let text = format!("group `{name}`: factor {value} of level {level} makes no sense");
                return Err(self.error(place, text));
            }
            of_level[level] = *value;
        }
        let combinations = |k: usize| choose(n - 1, k - 1);
        let shares = match model {
            "beta-factor" => {
                let mut shares = vec![0.0; n];
                shares[0] = 1.0 - of_level[2];
                shares[n - 1] = of_level[2];
                shares
            }
            "MGL" => (1..=n)
                .map(|k| {
                    let through: f64 = of_level[2..=k.max(1)].iter().product();
                    through * (1.0 - of_level[k + 1]) / combinations(k)
                })
                .collect(),
            "alpha-factor" => {
                let sum: f64 = (1..=n).map(|k| k as f64 * of_level[k]).sum();
                if sum <= 0.0 {
                    return Err(self.error(place, format!("group `{name}`: all alpha factors are zero")));
                }
                (1..=n).map(|k| k as f64 * of_level[k] / sum / combinations(k)).collect()
            }
            "phi-factor" => of_level[1..=n].to_vec(),
            other => {
                let text = format!(
                    "group `{name}`: the model `{other}` is not known; there are beta-factor, MGL, alpha-factor and \
                     phi-factor"
                );
                return Err(self.error(place, text));
            }
        };
        if shares.iter().any(|s| !(0.0..=1.0).contains(s)) {
            return Err(self.error(place, format!("group `{name}`: its factors give a share outside 0..1")));
        }
        Ok(shares)
    }
}

fn choose(n: usize, k: usize) -> f64 {
    (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product()
}
