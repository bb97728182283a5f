//! Pages for a browser: nothing in one is fetched from elsewhere, and nothing in it runs.

use trommel_model::sanitise;

const STYLE: &str = "
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --accent: #2f6fbd; --good: #2e7d32; --bad: #b3261e; --warn: #9a6700; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
tr.chosen td { font-weight: 600; border-left: 3px solid var(--accent); }
.differs { font-weight: 600; text-decoration: underline; text-decoration-color: var(--accent); }
.more { color: var(--good); } .less { color: var(--bad); }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
.muted { opacity: .7; }
svg text { fill: currentColor; font: 11px system-ui, sans-serif; } svg rect { fill: var(--accent); } svg rect.below { opacity: .45; }
.marked { color: var(--bad); font-weight: 600; } .slight { color: var(--warn); font-weight: 600; }
section { border-top: 1px solid var(--line); margin-top: 1rem; padding-top: .25rem; } section h3 { margin: .5rem 0; }
.sides { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; } .sides > * { flex: 1 1 20rem; min-width: 0; }
@media print { body { max-width: none; margin: 0; font-size: 10pt; } section, tr, svg { break-inside: avoid; } details { display: block; } a { color: inherit; } }
";

/// The end of a page.
pub(super) const FOOT: &str = "</body></html>\n";

/// The beginning of a page, up to and with its heading.
pub(super) fn head(title: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    )
}

/// Text as HTML takes it; whatever stands in data, it stays text.
pub(super) fn escape(text: &str) -> String {
    sanitise(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A number of things, in groups of three digits.
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with the digits that say something.
pub(super) fn number(x: f64) -> String {
    let text = format!("{x:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}
