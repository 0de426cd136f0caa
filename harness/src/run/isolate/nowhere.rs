//! In the place of `sys.rs`, where the platform cannot split a process: nothing of this is ever reached but the errors.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

const UNSUPPORTED: &str = "this platform has no `fork`";

#[derive(Debug)]
pub(super) enum Region {}

impl Region {
    pub(super) fn new() -> io::Result<Self> {
        Err(io::Error::new(io::ErrorKind::Unsupported, UNSUPPORTED))
    }

    pub(super) fn clear(&self) {
        match *self {}
    }

    pub(super) fn beat(&self) {
        match *self {}
    }

    pub(super) fn append(&self, _: &[u8]) -> bool {
        match *self {}
    }

    pub(super) fn copy_into(&self, _: &mut Vec<u8>) -> bool {
        match *self {}
    }
}

pub(super) enum Forked {
    #[expect(dead_code, reason = "there are no children here")]
    Child,
    #[expect(dead_code, reason = "nor parents")]
    Parent(Child),
}

pub(super) enum Copied {
    #[expect(dead_code, reason = "there are no copies here")]
    Child(io::PipeWriter),
    #[expect(dead_code, reason = "nor originals")]
    Parent(Child),
}

pub(super) enum Child {}

#[derive(Debug, Default)]
pub(super) struct Leaving;

#[expect(dead_code, reason = "no child ever ends")]
pub(super) enum End {
    Left,
    Exited(ExitStatus),
    Hung,
}

pub(super) fn fork(_: &Region) -> io::Result<Forked> {
    Err(io::Error::new(io::ErrorKind::Unsupported, UNSUPPORTED))
}

pub(super) fn copy() -> io::Result<Copied> {
    Err(io::Error::new(io::ErrorKind::Unsupported, UNSUPPORTED))
}

pub(super) fn end_copy(_: io::PipeWriter, _: &[u8]) -> ! {
    unreachable!("{UNSUPPORTED}")
}

pub(super) fn warm_name_service() {}

pub(crate) fn die_with_parent() {}

pub(crate) fn leave_no_core() {}

pub(super) fn leave(_: &Region) -> ! {
    unreachable!("{UNSUPPORTED}")
}

pub(super) fn told(status: ExitStatus) -> String {
    status.to_string()
}

impl Child {
    pub(super) fn wait(self, _: &Region, _: Duration, _: &mut Leaving) -> io::Result<End> {
        match self {}
    }

    pub(super) fn hear(self, _: impl Fn() -> bool) -> io::Result<Option<(Vec<u8>, ExitStatus)>> {
        match self {}
    }
}
