//! What the kernel tells of a process: `/proc/PID/stat`, whose fields proc_pid_stat(5) numbers from 1.

use std::path::Path;
use std::time::Duration;

use rustix::param::clock_ticks_per_second;

use crate::{Result, file};

/// `utime`, `stime`, and both of the programs that it has waited for: `cutime` and `cstime`.
const TIMES: [usize; 4] = [14, 15, 16, 17];

/// The processor time of a process and of the programs that it has waited for.
pub fn processor_time(id: u32) -> Result<Duration> {
    let ticks = sum(&id.to_string(), &TIMES)?;
    let milliseconds = ticks.saturating_mul(1000) / clock_ticks_per_second().max(1);
    Ok(Duration::from_millis(milliseconds))
}

/// The sum of these fields of a process: a number, or `self`.
pub fn sum(process: &str, fields: &[usize]) -> Result<u64> {
    let path = Path::new("/proc").join(process).join("stat");
    let text = file::read(&path)?;
    of(&text, fields).ok_or_else(|| format!("{} is `{text}`", path.display()))
}

/// The second field is a name in parentheses, which may hold anything.
fn of(text: &str, fields: &[usize]) -> Option<u64> {
    let (_, rest) = text.rsplit_once(')')?;
    let numbers: Vec<&str> = rest.split_whitespace().collect();
    let field = |field: &usize| numbers.get(field.checked_sub(3)?)?.parse::<u64>().ok();
    fields.iter().map(field).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_from_one_and_after_the_name() {
        let text = "7 (a ) b) S 1 7 7 0 -1 4194560 11 22 33 44 101 102 103 104 20 0 1";
        assert_eq!(of(text, &TIMES), Some(410));
        assert_eq!(of(text, &[11, 13]), Some(66));
        assert_eq!(of(text, &[99]), None);
        assert_eq!(of("7 (cut", &TIMES), None);
    }
}
