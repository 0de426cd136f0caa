//! The executable as Linux has loaded it: where its writable sections are, what is in them, and what is called what.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::OnceLock;

use elf::ElfStream;
use elf::abi::{PT_GNU_RELRO, PT_LOAD, SHF_ALLOC, SHF_TLS, SHF_WRITE, STT_OBJECT};
use elf::endian::AnyEndian;

use super::names;

/// The program that runs, under whatever name, and even if its file was replaced since.
const PROGRAM: &str = "/proc/self/exe";

/// Sections that are larger in all are not compared: a copy of them would be no small thing any more.
const MOST_BYTES: u64 = 16 << 20;

/// Where the writable sections are in memory.
#[derive(Debug)]
struct Image {
    /// What the loader added to every address of the file.
    base: u64,
    /// Addresses as the file has them, without gaps that nothing backs.
    sections: Vec<Range<u64>>,
}

/// The bytes of the program's statics at one moment.
///
/// Other threads may write meanwhile. What they write at that very moment is seen or not, as by a debugger.
#[derive(Debug)]
pub(crate) struct Snapshot {
    image: &'static Image,
    /// In the order of the image's sections.
    sections: Vec<Vec<u8>>,
}

impl Snapshot {
    /// Reads them; `None` where the system does not let a program read itself.
    pub(crate) fn take() -> Option<Self> {
        // The sections stay where they are, in a forked process as well.
        static IMAGE: OnceLock<Option<Image>> = OnceLock::new();
        let image = IMAGE.get_or_init(Image::find).as_ref()?;
        let mut memory = File::open("/proc/self/mem").ok()?;
        let mut read = |section: &Range<u64>| {
            let mut bytes = vec![0; usize::try_from(section.end - section.start).ok()?];
            memory.seek(SeekFrom::Start(image.base.wrapping_add(section.start))).ok()?;
            memory.read_exact(&mut bytes).ok()?;
            Some(bytes)
        };
        let sections = image.sections.iter().map(&mut read).collect::<Option<_>>()?;
        Some(Snapshot { image, sections })
    }

    /// The names of the statics that changed since `earlier`, as far as they may be the user's own; `None` where the
    /// program does not hold the names of its statics, as after `strip`.
    pub(crate) fn changed_since(&self, earlier: &Self) -> Option<Vec<String>> {
        let mut program = open()?;
        let (symbols, strings) = program.symbol_table().ok()??;
        let (mut known, mut changed) = (false, Vec::new());
        for symbol in symbols.iter().filter(|symbol| symbol.st_symtype() == STT_OBJECT) {
            let range = symbol.st_value..symbol.st_value.saturating_add(symbol.st_size);
            let Some((now, before)) = self.bytes(&range).zip(earlier.bytes(&range)) else { continue };
            let Some(name) = strings.get(symbol.st_name as usize).ok().and_then(names::of_symbol) else { continue };
            known = true;
            if now != before && names::may_be_the_users(&name) {
                changed.push(name);
            }
        }
        names::sort(&mut changed);
        known.then_some(changed)
    }

    fn bytes(&self, range: &Range<u64>) -> Option<&[u8]> {
        let holds = |section: &Range<u64>| section.start <= range.start && range.end <= section.end;
        let place = self.image.sections.iter().position(holds).filter(|_| !range.is_empty())?;
        let offset = |address: u64| usize::try_from(address - self.image.sections[place].start).ok();
        self.sections[place].get(offset(range.start)?..offset(range.end)?)
    }
}

impl Image {
    fn find() -> Option<Self> {
        let program = open()?;
        // What the loader writes once and then protects holds no statics that change.
        let protected = program.segments().iter().find(|segment| segment.p_type == PT_GNU_RELRO);
        let protected = protected.map_or(0..0, |segment| segment.p_vaddr..segment.p_vaddr + segment.p_memsz);
        let writable = u64::from(SHF_ALLOC | SHF_WRITE);
        let sections = program.section_headers().iter();
        let sections = sections.filter(|section| section.sh_flags & (writable | u64::from(SHF_TLS)) == writable);
        let sections = sections.filter(|section| section.sh_size > 0 && !protected.contains(&section.sh_addr));
        let sections: Vec<_> = sections.map(|section| section.sh_addr..section.sh_addr + section.sh_size).collect();
        if sections.iter().map(|section| section.end - section.start).sum::<u64>() > MOST_BYTES {
            return None;
        }
        let first = program.segments().iter().find(|segment| segment.p_type == PT_LOAD)?;
        let page_start = first.p_offset - first.p_offset % first.p_align.max(1);
        let base = mapped_at(page_start)?.wrapping_sub(first.p_vaddr - (first.p_offset - page_start));
        Some(Image { base, sections })
    }
}

fn open() -> Option<ElfStream<AnyEndian, File>> {
    ElfStream::open_stream(File::open(PROGRAM).ok()?).ok()
}

/// The address at which the program's file is mapped from `offset` on.
fn mapped_at(offset: u64) -> Option<u64> {
    let path = fs::read_link(PROGRAM).ok()?;
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    // Address range, permissions, offset, device, inode, and a path that may hold spaces.
    let address = |line: &str| {
        let mut words = line.splitn(6, ' ');
        let (range, from) = (words.next()?, words.nth(1)?);
        let mapped = words.nth(2)?.trim_start();
        let wanted = u64::from_str_radix(from, 16).ok()? == offset && mapped == path.to_str()?;
        wanted.then(|| u64::from_str_radix(range.split('-').next()?, 16).ok())?
    };
    maps.lines().find_map(address)
}
