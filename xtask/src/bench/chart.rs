//! The bar chart of the README, as SVG.

use std::fmt::Write as _;

/// A bar: its name, its length in milliseconds, and whether it is ours.
pub struct Bar {
    pub name: String,
    pub milliseconds: f64,
    pub ours: bool,
}

/// The width of everything, of the names, and of the longest bar; and the height of a line.
const WIDTH: f64 = 760.0;
const NAMES: f64 = 270.0;
const LONGEST: f64 = 400.0;
const LINE: f64 = 26.0;
/// Where the first bar begins, below the title.
const TOP: f64 = 40.0;
/// A bar so many times as long as the next one is cut.
const CUT: f64 = 5.0;

// Each has a contrast of about 4 to a white page and to a black one: what shows the picture does not
// always say which of them it has.
const TEXT: &str = "#737b85";
const PEER: &str = "#8b949e";
const OURS: &str = "#2f81f7";

/// Draws the bars from the shortest to the longest, on one scale that begins at zero.
pub fn svg(title: &str, mut bars: Vec<Bar>) -> String {
    bars.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
    let scale = scale(&bars);
    let height = bars.iter().fold(TOP, |height, _| height + LINE) + 6.0;
    let title = escaped(title);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <g font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"{TEXT}\">\n\
         <text x=\"4\" y=\"20\" font-weight=\"600\">{title}</text>\n"
    );
    let mut top = TOP;
    for bar in &bars {
        push(&mut svg, bar, scale, top);
        top += LINE;
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn push(svg: &mut String, bar: &Bar, scale: f64, top: f64) {
    let (fill, weight) = if bar.ours {
        (OURS, "600")
    } else {
        (PEER, "400")
    };
    let is_cut = bar.milliseconds > scale;
    let length = (bar.milliseconds.min(scale) / scale * LONGEST).max(1.0);
    let base = top + 14.0;
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\" font-weight=\"{weight}\">{}</text>\
         <rect x=\"{NAMES}\" y=\"{}\" width=\"{length:.1}\" height=\"16\" rx=\"2\" fill=\"{fill}\"/>",
        NAMES - 8.0,
        escaped(&bar.name),
        top + 1.0,
    );
    let mut end = NAMES + length + 8.0;
    if is_cut {
        // The bar goes on: three dots, and the number says how far.
        let _ = writeln!(svg, "<text x=\"{end:.1}\" y=\"{base}\">…</text>");
        end += 16.0;
    }
    let _ = writeln!(
        svg,
        "<text x=\"{end:.1}\" y=\"{base}\" font-weight=\"{weight}\">{:.2} ms</text>",
        bar.milliseconds
    );
}

/// The length at which the chart ends: the longest bar's, or the second one's if that would make all the
/// others too short to be seen.
fn scale(sorted: &[Bar]) -> f64 {
    let mut longest = sorted.iter().rev().map(|bar| bar.milliseconds);
    let (first, second) = (longest.next(), longest.next());
    match (first, second) {
        (Some(first), Some(second)) if first > CUT * second => second,
        (Some(first), _) => first,
        (None, _) => 1.0,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, milliseconds: f64) -> Bar {
        Bar {
            name: name.to_owned(),
            milliseconds,
            ours: name == "epicac",
        }
    }

    #[test]
    fn the_chart_has_every_bar_with_its_number_from_the_shortest_on() {
        let svg = svg(
            "a & b",
            vec![
                bar("curl | jq", 37.0),
                bar("epicac", 2.26),
                bar("wasmtime", 9.0),
            ],
        );
        let (ours, peer) = (svg.find("2.26 ms").unwrap(), svg.find("37.00 ms").unwrap());
        assert!(ours < peer);
        assert!(
            svg.contains("a &amp; b") && svg.contains("width=\"400.0\""),
            "{svg}"
        );
        assert!(!svg.contains('…'));
    }

    #[test]
    fn a_bar_that_would_dwarf_the_others_is_cut_and_says_so() {
        let svg = svg("", vec![bar("a", 2.0), bar("b", 40.0), bar("c", 290.0)]);
        assert_eq!(svg.matches('…').count(), 1);
        assert_eq!(svg.matches("width=\"400.0\"").count(), 2);
    }
}
