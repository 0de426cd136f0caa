//! What a fork costs: mostly page faults. A child finds the pages of its parent's heap in place, and those of the program's
//! own file not: Linux leaves it to the child to fault them in again, some fifty times a run. It copies them as well
//! where a mapping has one page of its own, which a debugger's breakpoint would give it; so one byte of each is written
//! over by itself, through the door that debuggers use. Where a kernel keeps that shut, forks are slower and nothing else.

/// Does that once a process.
#[cfg(target_os = "linux")]
pub(super) fn keep() {
    use std::fs::{File, read_to_string};
    use std::os::unix::fs::FileExt as _;
    use std::sync::Once;

    static KEPT: Once = Once::new();
    KEPT.call_once(|| {
        let Ok(maps) = read_to_string("/proc/self/maps") else { return };
        let Ok(memory) = File::options().read(true).write(true).open("/proc/self/mem") else { return };
        for start in maps.lines().filter_map(start_of_file) {
            let mut byte = [0];
            let _ = memory.read_exact_at(&mut byte, start).and_then(|()| memory.write_all_at(&byte, start));
        }
    });
}

#[cfg(not(target_os = "linux"))]
pub(super) fn keep() {}

/// Where a mapping begins that is a file's and is only read: `55d0-55e0 r-xp 00001000 fe:00 77 /program`.
#[cfg(target_os = "linux")]
fn start_of_file(line: &str) -> Option<u64> {
    let mut words = line.split_ascii_whitespace();
    let (range, access, inode) = (words.next()?, words.next()?, words.nth(2)?);
    let is_read = access.starts_with("r-") && access.ends_with('p') && inode != "0";
    let (start, _) = range.split_once('-').filter(|_| is_read)?;
    u64::from_str_radix(start, 16).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::start_of_file;

    #[test]
    fn files_that_are_only_read_are_found() {
        let start =
            |access: &str, inode: u32| start_of_file(&format!("7f00-8000 {access} 00001000 fe:00 {inode} /a b"));
        assert_eq!((start("r-xp", 77), start("r--p", 77)), (Some(0x7f00), Some(0x7f00)));
        assert_eq!(
            (start("rw-p", 77), start("r--s", 77), start("---p", 77), start("r-xp", 0)),
            (None, None, None, None)
        );
        let own = std::fs::read_to_string("/proc/self/maps").expect("Linux tells them");
        assert!(own.lines().filter_map(start_of_file).count() > 2, "{own}");
    }
}
