//! The bar chart of the README, as SVG.

use std::fmt::Write as _;

/// A bar: its name, its length in milliseconds, and what of it, at its end, is ours.
pub struct Bar {
    pub name: String,
    pub milliseconds: f64,
    pub ours: f64,
}

/// The width of the names, and of the longest bar.
const NAMES: f64 = 270.0;
const LONGEST: f64 = 400.0;
/// A bar so many times as long as the next one is cut, so that the others can be seen.
const CUT: f64 = 5.0;

// Each has a contrast of about 4 to a white page and to a black one: what shows the picture does not
// always say which of them it has.
const TEXT: &str = "#737b85";
const PEER: &str = "#8b949e";
const OURS: &str = "#2f81f7";

/// Draws the bars from the shortest to the longest, on one scale that begins at zero.
pub fn svg(title: &str, mut bars: Vec<Bar>) -> String {
    bars.sort_by(|one, other| one.milliseconds.total_cmp(&other.milliseconds));
    let mut longest = bars.iter().rev().map(|bar| bar.milliseconds);
    let scale = match (longest.next(), longest.next()) {
        (Some(first), Some(second)) if first > CUT * second => second,
        (first, _) => first.unwrap_or(1.0),
    };
    let height = 46 + 26 * bars.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"{height}\" viewBox=\"0 0 760 {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <g font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"{TEXT}\">\n\
         <text x=\"4\" y=\"20\" font-weight=\"600\">{title}</text>\n"
    );
    let mut base = 54;
    for bar in &bars {
        let length = (bar.milliseconds.min(scale) / scale * LONGEST).max(1.0);
        let ours = bar.ours.min(scale) / scale * LONGEST;
        let weight = if ours < length { 400 } else { 600 };
        let top = base - 13;
        // The dots say that the bar goes on, and the number says how far.
        let dots = if bar.milliseconds > scale { "… " } else { "" };
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\" font-weight=\"{weight}\">{}</text>\
             <rect x=\"{NAMES}\" y=\"{top}\" width=\"{length:.1}\" height=\"16\" rx=\"2\" fill=\"{PEER}\"/>\
             <rect x=\"{:.1}\" y=\"{top}\" width=\"{ours:.1}\" height=\"16\" rx=\"2\" fill=\"{OURS}\"/>\
             <text x=\"{:.1}\" y=\"{base}\" font-weight=\"{weight}\">{dots}{:.2} ms</text>",
            NAMES - 8.0,
            bar.name,
            NAMES + length - ours,
            NAMES + length + 8.0,
            bar.milliseconds
        );
        base += 26;
    }
    svg + "</g>\n</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(milliseconds: [f64; 3]) -> String {
        let bar = |milliseconds| Bar {
            name: "a program".to_owned(),
            milliseconds,
            ours: 0.0,
        };
        svg("", milliseconds.map(bar).into())
    }

    #[test]
    fn every_bar_has_its_number_from_the_shortest_on() {
        let svg = picture([37.0, 2.26, 9.0]);
        let place = |number| svg.find(number).unwrap();
        assert!(place("2.26 ms") < place("9.00 ms") && place("9.00 ms") < place("37.00 ms"));
        assert!(!svg.contains('…'));
    }

    #[test]
    fn what_is_ours_is_the_end_of_a_bar() {
        let bar = Bar {
            name: "a start".to_owned(),
            milliseconds: 100.0,
            ours: 25.0,
        };
        let svg = svg("", vec![bar]);
        assert!(
            svg.contains("<rect x=\"570.0\" y=\"41\" width=\"100.0\""),
            "{svg}"
        );
    }

    #[test]
    fn a_bar_that_would_dwarf_the_others_is_cut_and_says_so() {
        let svg = picture([2.0, 40.0, 290.0]);
        assert!(svg.contains("… 290.00 ms"), "{svg}");
        assert_eq!(svg.matches('…').count(), 1);
        assert_eq!(svg.matches("width=\"400.0\"").count(), 2);
    }
}
