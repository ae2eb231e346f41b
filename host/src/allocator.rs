//! The program's allocator on musl: an arena in the program itself. It hands out its bytes in order.
//!
//! Other allocators cost a cold start too much. musl's asks the kernel for nearly every page separately, sixty times. A
//! general allocator took an eighth of the instructions.
//!
//! A run allocates little and then ends. So the arena reuses only its last piece, which a growing text mostly is. It
//! costs nothing until it is used.
//!
//! When the arena is full, musl's allocator serves the rest, up to a bound. The bound is for a component that makes the
//! host use much memory without going over a limit. At the bound, and where the system gives no memory, the process ends
//! with a message of its own.
//!
//! A process that runs for days closes the arena ([`Arena::close`]) and continues with musl's allocator.

#![allow(unsafe_code, reason = "an allocator hands out memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::io::Write as _;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More than a run allocates; the component's own memory is mapped apart from it.
const BYTES: usize = 8 << 20;
/// How much a run may have of musl's allocator.
const MOST: usize = 24 << 20;
/// The `end` of a closed arena: no piece fits behind it.
const CLOSED: usize = usize::MAX;

/// The program's allocator.
#[cfg(target_env = "musl")]
#[global_allocator]
pub(crate) static ALLOCATOR: Arena = Arena::new();

/// The arena, as a program's `global_allocator`. All of it begins as zeros, so that the program's file contains none of
/// it.
#[repr(align(4096))]
pub struct Arena {
    bytes: UnsafeCell<[u8; BYTES]>,
    /// The end of what is handed out, or [`CLOSED`].
    end: AtomicUsize,
    /// The end of what was ever given back. Above it and `end`, all bytes are zero.
    used: AtomicUsize,
    /// How many bytes of musl's allocator are in use.
    beyond: AtomicUsize,
}

// SAFETY: `bytes` is only reached through the pieces that `alloc` hands out, each to one owner at a time.
unsafe impl Sync for Arena {}

impl Arena {
    /// An arena of which nothing is used.
    #[allow(clippy::new_without_default, reason = "it is 8 MiB large")]
    pub const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new([0; BYTES]),
            end: AtomicUsize::new(0),
            used: AtomicUsize::new(0),
            beyond: AtomicUsize::new(0),
        }
    }

    /// Hands out no further piece of the arena. From here on, memory comes from musl's allocator, without a bound.
    pub fn close(&self) {
        self.end.store(CLOSED, Ordering::Release);
    }

    fn start(&self) -> *mut u8 {
        self.bytes.get().cast()
    }

    /// The offset of a piece of the arena, or `None` for another address.
    fn offset(&self, piece: *mut u8) -> Option<usize> {
        let offset = piece.addr().wrapping_sub(self.start().addr());
        (offset < BYTES).then_some(offset)
    }

    /// Moves the end from `old` to `new`, if it is still there.
    fn moves_end(&self, old: usize, new: usize) -> bool {
        let moved = self
            .end
            .compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed);
        moved.is_ok()
    }

    /// The offset of a new piece.
    fn piece(&self, layout: Layout) -> Option<usize> {
        // An alignment is a power of two, so that nothing has to be divided.
        let beyond = layout.align() - 1;
        loop {
            let old = self.end.load(Ordering::Relaxed);
            let start = old.checked_add(beyond)? & !beyond;
            let end = start.checked_add(layout.size())?;
            if end > BYTES || layout.align() > align_of::<Self>() {
                return None;
            }
            if self.moves_end(old, end) {
                return Some(start);
            }
        }
    }

    /// Counts what musl's allocator is asked for, and ends the program where that is too much.
    #[cold]
    fn count(&self, size: usize) {
        let before = self.beyond.fetch_add(size, Ordering::Relaxed);
        let is_bounded = self.end.load(Ordering::Relaxed) != CLOSED;
        if is_bounded && before.saturating_add(size) > MOST {
            end(
                b"epicac: out of memory: it used the 32 MiB that it may have (are there thousands of roles or profiles? if not, please report it)\n",
            );
        }
    }
}

/// The piece that musl's allocator gave. Without one the program ends.
fn given(piece: *mut u8) -> *mut u8 {
    if piece.is_null() {
        end(b"epicac: out of memory: the system gives no more (is memory limited here?)\n");
    }
    piece
}

/// Ends the program with this line: a null pointer would end it by a signal.
#[cold]
fn end(line: &[u8]) -> ! {
    // Neither call allocates. When stderr is gone too there is nobody left to tell.
    let _ = std::io::stderr().write_all(line);
    std::process::exit(1)
}

// SAFETY: a piece is what lies between two positions of `end`, so that nobody else has it. `end` goes back only over the
// last piece, by its owner. What lies outside of the arena is musl's, and goes back to it with the layout it came by.
unsafe impl GlobalAlloc for Arena {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(offset) = self.piece(layout) else {
            self.count(layout.size());
            // SAFETY: as the caller vouches.
            return given(unsafe { System.alloc(layout) });
        };
        // SAFETY: the offset is within the arena.
        unsafe { self.start().add(offset) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller vouches.
        let piece = unsafe { self.alloc(layout) };
        let is_zero = |offset| offset >= self.used.load(Ordering::Acquire);
        if !self.offset(piece).is_some_and(is_zero) {
            // SAFETY: the piece is that large.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece
    }

    // Inlined, it would be 100 KB of code.
    #[inline(never)]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let Some(offset) = self.offset(piece) else {
            self.beyond.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: what is not of the arena was allocated there, with this layout.
            return unsafe { System.dealloc(piece, layout) };
        };
        let end = offset + layout.size();
        self.used.fetch_max(end, Ordering::Release);
        self.moves_end(end, offset);
    }

    #[inline(never)]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let Some(offset) = self.offset(piece) else {
            self.count(new_size);
            self.beyond.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: what is not of the arena was allocated there, with this layout.
            return given(unsafe { System.realloc(piece, layout, new_size) });
        };
        let new_end = offset.checked_add(new_size).filter(|end| *end <= BYTES);
        if new_size <= layout.size()
            || new_end.is_some_and(|new| self.moves_end(offset + layout.size(), new))
        {
            return piece;
        }
        // SAFETY: the caller vouches that the size, rounded up to the alignment, does not overflow.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: as the caller vouches, the size is not zero.
        let new = unsafe { self.alloc(new_layout) };
        // SAFETY: both pieces are that large, and they are two.
        unsafe { ptr::copy_nonoverlapping(piece, new, layout.size()) };
        // SAFETY: the caller gives it up.
        unsafe { self.dealloc(piece, layout) };
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static ALLOCATOR: Arena = Arena::new();

    proptest! {
        /// Eight places are filled again and again, or resized. Each piece is filled with a mark of its own, and must
        /// still hold it when it is given back.
        #[test]
        fn pieces_are_aligned_and_never_overlap(
            steps in proptest::collection::vec(
                (0..8_usize, prop_oneof![1..80_usize, 1..5_000_usize], 0..9_u32, 0..3_u8),
                1..200,
            )
        ) {
            let mut held: [Option<(*mut u8, Layout, u8)>; 8] = [None; 8];
            let is_full_of = |piece: *mut u8, size: usize, mark: u8| {
                // SAFETY: the piece is held, and was filled that far.
                unsafe { std::slice::from_raw_parts(piece, size) }.iter().all(|byte| *byte == mark)
            };
            for (step, (place, size, align, kind)) in steps.into_iter().enumerate() {
                let old = held[place].take();
                if let Some((piece, layout, mark)) = old {
                    prop_assert!(is_full_of(piece, layout.size(), mark));
                }
                let (piece, layout) = match (old, kind) {
                    (Some((piece, layout, mark)), 0) => {
                        // SAFETY: it was allocated so, and the size is not zero.
                        let piece = unsafe { ALLOCATOR.realloc(piece, layout, size) };
                        prop_assert!(is_full_of(piece, size.min(layout.size()), mark));
                        (piece, Layout::from_size_align(size, layout.align()).unwrap())
                    }
                    (old, kind) => {
                        if let Some((piece, layout, _)) = old {
                            // SAFETY: it was allocated so.
                            unsafe { ALLOCATOR.dealloc(piece, layout) };
                        }
                        let layout = Layout::from_size_align(size, 1 << align).unwrap();
                        let is_zeroed = kind == 1;
                        // SAFETY: the size is not zero.
                        let piece = unsafe {
                            if is_zeroed { ALLOCATOR.alloc_zeroed(layout) } else { ALLOCATOR.alloc(layout) }
                        };
                        prop_assert!(!is_zeroed || is_full_of(piece, size, 0));
                        (piece, layout)
                    }
                };
                prop_assert!(!piece.is_null() && piece.addr() % layout.align() == 0);
                let mark = (step % 255) as u8 + 1;
                // SAFETY: the piece is that large.
                unsafe { piece.write_bytes(mark, layout.size()) };
                held[place] = Some((piece, layout, mark));
            }
            for (piece, layout, _) in held.into_iter().flatten() {
                // SAFETY: it was allocated so.
                unsafe { ALLOCATOR.dealloc(piece, layout) };
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_the_c_librarys() {
        static FULL: Arena = Arena::new();
        let small = Layout::from_size_align(64, 8).unwrap();
        for (size, align) in [(BYTES + 1, 1), (usize::MAX / 4, 8), (1, 8192)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            assert!(FULL.piece(layout).is_none(), "{size} {align}");
        }
        // SAFETY: each piece is given back once, with its layout.
        unsafe {
            let own = FULL.alloc(small);
            FULL.close();
            let other = FULL.alloc_zeroed(small);
            assert!(FULL.offset(own).is_some() && FULL.offset(other).is_none());
            let other = FULL.realloc(other, small, 1 << 20);
            FULL.dealloc(other, Layout::from_size_align(1 << 20, 8).unwrap());
            let grown = FULL.realloc(own, small, 4_096);
            assert!(FULL.offset(grown).is_none());
            FULL.dealloc(grown, Layout::from_size_align(4_096, 8).unwrap());
        }
        assert_eq!(FULL.beyond.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_last_piece_grows_in_its_place_and_is_given_back() {
        static LAST: Arena = Arena::new();
        let small = Layout::from_size_align(64, 8).unwrap();
        let large = Layout::from_size_align(4_096, 8).unwrap();
        // SAFETY: the piece is given back once, with its layout.
        unsafe {
            let piece = LAST.alloc(small);
            assert_eq!(LAST.realloc(piece, small, 4_096), piece);
            LAST.dealloc(piece, large);
            assert_eq!(LAST.alloc(large), piece);
        }
    }

    /// The process that ends is a child: this test again, told so by a variable.
    #[test]
    fn at_the_bound_the_process_ends_with_a_message() {
        const CHILD: &str = "EPICAC_TEST_ALLOCATES";
        static BOUNDED: Arena = Arena::new();
        let large = Layout::from_size_align(MOST / 2, 1).unwrap();
        if std::env::var_os(CHILD).is_some() {
            loop {
                // SAFETY: the size is not zero.
                let _ = unsafe { BOUNDED.alloc(large) };
            }
        }
        let name = "allocator::tests::at_the_bound_the_process_ends_with_a_message";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        let child = child.args([name, "--exact", "--nocapture"]);
        let ended = child.env(CHILD, "").output().unwrap();
        let stderr = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("epicac: out of memory: "), "{stderr}");
    }
}
