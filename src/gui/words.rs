//! Numbers and elements in words: what panels and inspector say, with sensible digits.

use crate::analysis::Severity;
use crate::design::{Design, ElementId};
use crate::scene::{Icon, Ink};

use super::context::{ClaimRow, ClaimVerdict, Outcome};

/// `63 %`, `99.95 %`: a share of 0..=1; never rounded up to 100 % or down to 0 %.
pub fn percent(share: f64) -> String {
    let p = share * 100.0;
    if share >= 1.0 || share <= 0.0 {
        return format!("{p:.0} %");
    }
    let lost = 100.0 - p;
    let digits = if lost < 0.000_1 {
        return "> 99.9999 %".to_owned();
    } else if p < 0.01 {
        return "< 0.01 %".to_owned();
    } else if lost < 0.01 {
        4
    } else if lost < 0.1 {
        3
    } else if lost < 1.0 || p < 1.0 {
        2
    } else if lost < 10.0 || p < 10.0 {
        1
    } else {
        0
    };
    let text = format!("{p:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "100" { format!("> {:.2} %", 99.99) } else { format!("{text} %") }
}

/// `4.1 ms`, `120 ms`, `1.2 s`.
pub fn time(ms: f64) -> String {
    match ms {
        t if t >= 1e4 => format!("{:.0} s", t / 1e3),
        t if t >= 1e3 => format!("{:.1} s", t / 1e3),
        t if t >= 10.0 => format!("{t:.0} ms"),
        t if t < 0.05 => "< 0.1 ms".to_owned(),
        t => format!("{t:.1} ms"),
    }
}

/// Seconds of a year of 365 days.
const YEAR_SECS: f64 = 365.0 * 86_400.0;

/// `2 h 10 min a year`: a share of all time, 0..=1, as time in a year.
pub fn per_year(share: f64) -> String {
    let text = in_a_year(share);
    if share > 0.0 { format!("{text} a year") } else { text }
}

/// `2 h 10 min`: the same where a head says that it is of a year.
pub fn in_a_year(share: f64) -> String {
    let s = share * YEAR_SECS;
    let two = |n: f64, big: &str, of: f64, small: &str| {
        // Rounded to the smaller unit first, so that no hour has sixty minutes.
        let all = (n * of).round();
        let (whole, rest) = ((all / of).floor(), all % of);
        if rest > 0.0 { format!("{whole:.0} {big} {rest:.0} {small}") } else { format!("{whole:.0} {big}") }
    };
    match s {
        s if s <= 0.0 => "never".to_owned(),
        s if s < 0.1 => "< 0.1 s".to_owned(),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 59.5 => format!("{s:.0} s"),
        s if s < 600.0 => two(s / 60.0, "min", 60.0, "s"),
        s if s < 3570.0 => format!("{:.0} min", s / 60.0),
        s if s < 86_400.0 => two(s / 3600.0, "h", 60.0, "min"),
        s => two(s / 86_400.0, "d", 24.0, "h"),
    }
}

/// `0.012`, `2.3e-7`: a probability of 0..=1.
pub fn probability(p: f64) -> String {
    match p {
        p if p <= 0.0 => "0".to_owned(),
        p if p >= 1.0 => "1".to_owned(),
        p if p >= 0.01 => format!("{p:.3}"),
        p => format!("{p:.1e}"),
    }
}

/// `4,210`: whole numbers in groups of three.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 instance`, `3 instances`.
pub fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(n as u64)) }
}

/// `12/s`, `1.5k/s`: how often.
pub fn rate(per_second: f64) -> String {
    match per_second {
        r if r >= 1e6 => format!("{:.1}M/s", r / 1e6),
        r if r >= 1e4 => format!("{:.0}k/s", r / 1e3),
        r if r >= 10.0 || (r - r.round()).abs() < 0.05 => format!("{r:.0}/s"),
        r => format!("{r:.1}/s"),
    }
}

/// `0:42`, `12:07`, `1:02:09`: time since a start.
pub fn clock(ms: u64) -> String {
    let s = ms / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        h => format!("{h}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

/// `just now`, `2 min ago`, `3 h ago`, `5 d ago`: how long a time in seconds since 1970 is past.
pub fn ago(at_s: u64) -> String {
    match super::jobs::now_s().saturating_sub(at_s) {
        s if s < 60 => "just now".to_owned(),
        s if s < 3600 => format!("{} min ago", s / 60),
        s if s < 86_400 => format!("{} h ago", s / 3600),
        s => format!("{} d ago", s / 86_400),
    }
}

/// The name of an element that people gave it; a link is said by its ends.
pub fn element(design: &Design, id: &str) -> String {
    if let Some(c) = design.component(id) {
        let same = design.components.iter().filter(|other| other.title() == c.title()).count();
        // Two of the same name are told apart by their ids.
        return if same > 1 { id.to_owned() } else { c.title().to_owned() };
    }
    if let Some(z) = design.zone(id) {
        return crate::scene::zone_title(z).to_owned();
    }
    if let Some(l) = design.link(id) {
        return format!("{} → {}", element(design, l.from.as_str()), element(design, l.to.as_str()));
    }
    if let Some(c) = design.cause(id) {
        return if c.name.is_empty() { id.to_owned() } else { c.name.clone() };
    }
    if let Some(j) = design.journey(id) {
        return j.title().to_owned();
    }
    match id.split_once('/') {
        Some((whole, part)) if design.component(whole).is_some() => {
            format!("{}/{part}", element(design, whole))
        }
        Some((journey, effect)) if design.journey(journey).is_some() => {
            format!("{}: {}", element(design, journey), element(design, effect))
        }
        _ => id.to_owned(),
    }
}

/// What a claim speaks of: a journey, or an effect of one.
pub fn claimed(design: &Design, claim: &ClaimRow) -> String {
    let of = if claim.effect.is_empty() { claim.journey.as_str() } else { &claim.effect };
    element(design, of)
}

/// A fault of a proof: what breaks, or the zone that is cut off.
pub fn fault(design: &Design, fault: &str) -> String {
    if let Some((a, b)) = fault.split_once('+') {
        return format!("{} and {}", element(design, a), element(design, b));
    }
    match fault.split_once(':') {
        Some((zone, "*")) => format!("{} cut off", element(design, zone)),
        Some((a, b)) => format!("{} cut off from {}", element(design, a), element(design, b)),
        None => element(design, fault),
    }
}

/// Names of elements, the rest counted.
pub fn elements<'a>(design: &Design, ids: impl IntoIterator<Item = &'a ElementId>, most: usize) -> String {
    let names: Vec<String> = ids.into_iter().map(|id| element(design, id.as_str())).collect();
    if names.len() <= most {
        names.join(", ")
    } else {
        format!("{} and {} more", names[..most].join(", "), names.len() - most)
    }
}

/// The colour of an outcome.
pub fn outcome_ink(outcome: Outcome) -> Ink {
    match outcome {
        Outcome::Lost => Ink::Bad,
        Outcome::Part | Outcome::Degraded => Ink::Warn,
        Outcome::Served => Ink::Good,
    }
}

/// The colour of a severity.
pub fn severity_ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Bad,
        Severity::Warning => Ink::Warn,
        Severity::Info => Ink::Text3,
    }
}

/// The sign of how a prediction came out.
pub fn verdict_icon(verdict: ClaimVerdict) -> Icon {
    match verdict {
        ClaimVerdict::Confirmed => Icon::Check,
        ClaimVerdict::Refuted => Icon::Cross,
        ClaimVerdict::Inconclusive => Icon::Help,
        ClaimVerdict::Trying => Icon::Play,
        ClaimVerdict::Waiting => Icon::Minus,
    }
}

/// The colour of how a prediction came out.
pub fn verdict_ink(verdict: ClaimVerdict) -> Ink {
    match verdict {
        ClaimVerdict::Confirmed => Ink::Good,
        ClaimVerdict::Refuted => Ink::Bad,
        ClaimVerdict::Inconclusive => Ink::Warn,
        ClaimVerdict::Trying => Ink::Accent,
        ClaimVerdict::Waiting => Ink::Text3,
    }
}

pub use super::jobs::{day_after, today};

/// A first letter as a capital, for a word that begins a line.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |c| c.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(0.63), "63 %");
        assert_eq!(percent(0.9991), "99.91 %");
        assert_eq!(percent(0.99995), "99.995 %");
        assert_eq!(percent(0.999_999_9), "> 99.9999 %");
        assert_eq!(percent(0.000_01), "< 0.01 %");
    }

    #[test]
    fn shares_of_a_year_are_times() {
        let hours = |h: f64| h / (365.0 * 24.0);
        assert_eq!(per_year(hours(2.0 + 10.0 / 60.0)), "2 h 10 min a year");
        assert_eq!(in_a_year(hours(2.0)), "2 h");
        assert_eq!(in_a_year(hours(0.9999)), "1 h");
        assert_eq!(in_a_year(hours(27.0)), "1 d 3 h");
        assert_eq!(in_a_year(hours(0.5)), "30 min");
        assert_eq!(in_a_year(7.26 / YEAR_SECS), "7.3 s");
        assert_eq!(in_a_year(1e-12), "< 0.1 s");
        assert_eq!(per_year(0.0), "never");
        assert_eq!(probability(2.301e-7), "2.3e-7");
    }

    #[test]
    fn whole_numbers_are_grouped() {
        assert_eq!(count(4210), "4,210");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000_000), "1,000,000");
    }

    #[test]
    fn today_is_a_day() {
        let day = today();
        assert_eq!(day.len(), 10);
        assert!(day.as_str() > "2025-01-01", "{day}");
    }
}
