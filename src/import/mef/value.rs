//! The probability of a basic event from its expression.
//!
//! Numbers, parameters, arithmetic, and the usual laws of time are worked out; a random deviate counts as its mean. What is not
//! known leaves the event without a probability, and says so.

use super::{ABOUT, Place, Reader, XmlError};

/// Expressions and parameters nest so deep at most.
const DEPTH_MAX: usize = 100;

impl Reader<'_, '_> {
    pub(super) fn children(&self, place: Place) -> Vec<Place> {
        let all = self.element(place).children.iter().map(|c| Place { element: *c, ..place });
        all.filter(|c| !ABOUT.contains(&self.element(*c).name)).collect()
    }

    /// The probability of a basic event; `None` where it has no expression that is understood.
    pub(super) fn probability(&mut self, event: Place) -> Result<Option<f64>, XmlError> {
        let Some(expression) = self.children(event).first().copied() else { return Ok(None) };
        let Some(value) = self.value(expression, 0)? else { return Ok(None) };
        if !(0.0..=1.0).contains(&value) {
            return Err(self.error(expression, format!("{value} is no probability: it lies outside 0..1")));
        }
        Ok(Some(value))
    }

    /// The value of an expression; `None` where it is not understood.
    pub(super) fn value(&mut self, place: Place, depth: usize) -> Result<Option<f64>, XmlError> {
        if depth > DEPTH_MAX {
            return Err(self.error(place, "an expression that needs itself, or is nested too deep"));
        }
        let element = self.element(place);
        let tag = element.name;
        match tag {
            "float" | "int" | "bool" => {
                let text = element.attribute("value").unwrap_or_default();
                let value = match text {
                    "true" => Ok(1.0),
                    "false" => Ok(0.0),
                    number => number.parse::<f64>(),
                };
                return match value {
                    Ok(value) if value.is_finite() => Ok(Some(value)),
                    _ => Err(self.error(place, format!("<{tag} value=\"{text}\"> is not a number"))),
                };
            }
            "system-mission-time" => return Ok(Some(self.reading.mission_time_h)),
            "parameter" => {
                let name = self.name_of(place)?;
                let Some(&parameter) = self.parameters.get(&name) else {
                    return Err(self.error(place, format!("there is no parameter `{name}`")));
                };
                return match self.children(parameter).first() {
                    Some(expression) => self.value(*expression, depth + 1),
                    None => Ok(None),
                };
            }
            _ => {}
        }
        let mut given = Vec::new();
        for child in self.children(place) {
            match self.value(child, depth + 1)? {
                Some(value) => given.push(value),
                None => return Ok(None),
            }
        }
        let worked_out = worked_out(tag, &given);
        if worked_out.is_none() {
            let note = format!(
                "<{tag}> of {} values is not understood; events with it have no probability",
                given.len()
            );
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        Ok(worked_out.filter(|v| v.is_finite()))
    }
}

fn worked_out(tag: &str, given: &[f64]) -> Option<f64> {
    Some(match (tag, given) {
        ("add", all) => all.iter().sum(),
        ("mul", all) => all.iter().product(),
        ("sub", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a - b),
        ("div", [first, rest @ ..]) => rest.iter().fold(*first, |a, b| a / b),
        ("min", [_, ..]) => given.iter().copied().fold(f64::INFINITY, f64::min),
        ("max", [_, ..]) => given.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        ("mean", [_, ..]) => given.iter().sum::<f64>() / given.len() as f64,
        ("neg", [x]) => -x,
        ("exp", [x]) => x.exp(),
        ("log", [x]) => x.ln(),
        ("log10", [x]) => x.log10(),
        ("sqrt", [x]) => x.sqrt(),
        ("abs", [x]) => x.abs(),
        ("pow", [x, y]) => x.powf(*y),
        ("exponential", [rate, t]) => -(-rate * t).exp_m1(),
        // On demand g, then failing at a rate and repaired at another.
        ("GLM", [gamma, rate, repair, t]) => {
            let sum = rate + repair;
            if sum == 0.0 { *gamma } else { (rate - (rate - gamma * sum) * (-sum * t).exp()) / sum }
        }
        ("Weibull", [scale, shape, start, t]) => {
            if t <= start {
                0.0
            } else {
                -(-((t - start) / scale).powf(*shape)).exp_m1()
            }
        }
        ("uniform-deviate", [low, high]) => (low + high) / 2.0,
        ("normal-deviate", [mean, _]) => *mean,
        ("lognormal-deviate", [mean, _, _]) => *mean,
        ("gamma-deviate", [shape, scale]) => shape * scale,
        ("beta-deviate", [a, b]) => a / (a + b),
        _ => return None,
    })
}
