//! The program's allocator on musl: an arena in the program itself. It hands out its bytes in order.
//!
//! Other allocators cost a cold start too much. musl's asks the kernel for nearly every page separately, sixty times. A
//! general allocator takes an eighth of the instructions.
//!
//! A run allocates little and then ends. So the arena reuses only its last piece, which a growing text mostly is. musl's
//! allocator serves what does not fit into the arena, up to a bound. The bound is for a component that makes the host use
//! much memory without going over a limit.
//!
//! A process that runs for days closes the arena ([`Arena::close`]) and continues with musl's allocator.

#![allow(unsafe_code, reason = "an allocator hands out memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::io::Write as _;
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};

/// More than a run allocates. The component's own memory is mapped apart from it.
const BYTES: usize = 8 << 20;
/// How much a run may have of musl's allocator.
const BEYOND: usize = 24 << 20;
/// The `end` of a closed arena: no piece fits behind it.
const CLOSED: usize = 2 * BYTES;

/// The program's allocator.
#[cfg(target_env = "musl")]
#[global_allocator]
pub(crate) static ALLOCATOR: Arena = Arena::new();

/// The arena, as a program's `global_allocator`. It begins as zeros, so that the program's file contains none of it.
#[repr(align(4096))]
pub struct Arena {
    bytes: UnsafeCell<[u8; BYTES]>,
    /// The end of what is handed out, or [`CLOSED`].
    end: AtomicUsize,
    /// How many bytes musl's allocator has handed out.
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
            beyond: AtomicUsize::new(0),
        }
    }

    /// Hands out no further piece of the arena. From here on, memory comes from musl's allocator, without a bound.
    pub fn close(&self) {
        self.end.store(CLOSED, Relaxed);
    }

    /// The offset of a piece of the arena, or `None` for another address.
    fn offset(&self, piece: *mut u8) -> Option<usize> {
        let offset = piece.addr().wrapping_sub(self.bytes.get().addr());
        (offset < BYTES).then_some(offset)
    }

    /// Moves the end from `old` to `new`, if it is still there.
    fn moves_end(&self, old: usize, new: usize) -> bool {
        let moved = self.end.compare_exchange(old, new, AcqRel, Relaxed);
        moved.is_ok()
    }

    /// The offset of a new piece.
    fn piece(&self, layout: Layout) -> Option<usize> {
        if layout.align() > align_of::<Self>() {
            return None;
        }
        // An alignment is a power of two, so that nothing has to be divided.
        let beyond = layout.align() - 1;
        let start = |end: usize| (end + beyond) & !beyond;
        let new = |end| Some(start(end) + layout.size()).filter(|new| *new <= BYTES);
        self.end.fetch_update(AcqRel, Relaxed, new).map(start).ok()
    }

    /// Counts `size` bytes of musl's allocator, and tells whether the process may have them.
    fn may_have(&self, size: usize) -> bool {
        let before = self.beyond.fetch_add(size, Relaxed);
        before.saturating_add(size) <= BEYOND || self.end.load(Relaxed) == CLOSED
    }

    /// A piece of musl's allocator. Without one the program ends with a line: a null pointer would end it by a signal.
    #[cold]
    fn of_musl(&self, layout: Layout) -> *mut u8 {
        if self.may_have(layout.size()) {
            // SAFETY: only `alloc` calls this, with the layout of its caller.
            let piece = unsafe { System.alloc(layout) };
            if !piece.is_null() {
                return piece;
            }
        }
        // Neither call allocates. When stderr is gone too there is nobody left to tell.
        let _ = std::io::stderr().write_all(OUT_OF_MEMORY);
        std::process::exit(1)
    }
}

const OUT_OF_MEMORY: &[u8] =
    b"epicac: out of memory: it may have 32 MiB, or less where memory is limited (is it limited here, or are there thousands of roles or profiles? if not, please report it)\n";

// SAFETY: a piece lies between two positions of `end`, so that nobody else has it. `end` goes back only over the last
// piece, by its owner. Another piece is musl's, and goes back to it with its layout.
unsafe impl GlobalAlloc for Arena {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.piece(layout) {
            // SAFETY: the offset is within the arena.
            Some(offset) => unsafe { self.bytes.get().cast::<u8>().add(offset) },
            None => self.of_musl(layout),
        }
    }

    // Inlined, it would be 100 KB of code.
    #[inline(never)]
    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        if let Some(offset) = self.offset(piece) {
            self.moves_end(offset + layout.size(), offset);
            return;
        }
        self.beyond.fetch_sub(layout.size(), Relaxed);
        // SAFETY: musl's allocator has given this piece, with this layout.
        unsafe { System.dealloc(piece, layout) };
    }

    #[inline(never)]
    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if let Some(offset) = self.offset(piece) {
            let (old, new) = (offset + layout.size(), offset.saturating_add(new_size));
            if new <= old || new <= BYTES && self.moves_end(old, new) {
                return piece;
            }
        }
        // SAFETY: the caller vouches that the size is not zero, and does not overflow when it is rounded up.
        let new =
            unsafe { self.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        // SAFETY: both pieces are that large, and they are two. The caller gives up the old one.
        unsafe {
            ptr::copy_nonoverlapping(piece, new, layout.size().min(new_size));
            self.dealloc(piece, layout);
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Each piece is filled with a mark of its own, and still holds it after all other steps.
        #[test]
        fn pieces_are_aligned_and_never_overlap(
            steps in proptest::collection::vec((0..8_usize, 1..5_000_usize, 0..9_u32, 0..4_u8), 1..200)
        ) {
            static ARENA: Arena = Arena::new();
            let mut held: [Option<(*mut u8, Layout, u8)>; 8] = [None; 8];
            let is_full_of = |piece: *mut u8, size: usize, mark: u8| {
                // SAFETY: the piece is held, and was filled that far.
                unsafe { std::slice::from_raw_parts(piece, size) }.iter().all(|byte| *byte == mark)
            };
            for (mark, (place, size, align, kind)) in (1..=u8::MAX).cycle().zip(steps) {
                let new = Layout::from_size_align(size, 1 << align).unwrap();
                let old = held[place].take();
                // SAFETY: each piece is given back once, with its layout, and no size is zero.
                let (piece, layout) = unsafe {
                    match (old, kind) {
                        (Some((piece, layout, _)), 0) => {
                            ARENA.dealloc(piece, layout);
                            continue;
                        }
                        (Some((piece, layout, mark)), _) => {
                            let piece = ARENA.realloc(piece, layout, size);
                            prop_assert!(is_full_of(piece, size.min(layout.size()), mark));
                            (piece, Layout::from_size_align(size, layout.align()).unwrap())
                        }
                        (None, 1) => (ARENA.alloc_zeroed(new), new),
                        (None, _) => (ARENA.alloc(new), new),
                    }
                };
                prop_assert!(kind != 1 || old.is_some() || is_full_of(piece, size, 0));
                prop_assert!(!piece.is_null() && piece.addr() % layout.align() == 0);
                // SAFETY: the piece is that large.
                unsafe { piece.write_bytes(mark, layout.size()) };
                held[place] = Some((piece, layout, mark));
                for (piece, layout, mark) in held.into_iter().flatten() {
                    prop_assert!(is_full_of(piece, layout.size(), mark));
                }
            }
        }
    }

    #[test]
    fn the_last_piece_grows_in_its_place_and_is_given_back() {
        static ARENA: Arena = Arena::new();
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        // SAFETY: the piece is given back once, with its layout.
        unsafe {
            let piece = ARENA.alloc(layout(64));
            assert_eq!(ARENA.realloc(piece, layout(64), 4_096), piece);
            ARENA.dealloc(piece, layout(4_096));
            assert_eq!(ARENA.alloc(layout(1)), piece);
        }
    }

    #[test]
    fn what_does_not_fit_is_the_c_librarys_up_to_a_bound() {
        static ARENA: Arena = Arena::new();
        for (size, align) in [(BYTES + 1, 1), (usize::MAX / 4, 8), (1, 8192)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            assert!(ARENA.piece(layout).is_none(), "{size} {align}");
        }
        let small = Layout::from_size_align(64, 8).unwrap();
        assert!(ARENA.piece(small).is_some());
        assert!(ARENA.may_have(BEYOND) && !ARENA.may_have(1));
        ARENA.close();
        assert!(ARENA.piece(small).is_none() && ARENA.may_have(1));
        ARENA.beyond.store(0, Relaxed);
        // SAFETY: each piece is given back once, with its layout.
        unsafe {
            let piece = ARENA.realloc(ARENA.alloc(small), small, 4_096);
            ARENA.dealloc(piece, Layout::from_size_align(4_096, 8).unwrap());
        }
        assert_eq!(ARENA.beyond.load(Relaxed), 0);
    }
}
