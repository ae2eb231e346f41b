//! The program's allocator on musl: one arena in the program itself, cut from its beginning on.
//!
//! musl asks the kernel for nearly every page by itself, sixty times in a cold start, and a general
//! allocator took an eighth of a cold start's instructions. A run makes some 1,700 small allocations and
//! ends: here each is the next piece of the arena, or the one of its size that was given back last. Pieces
//! are never joined, and one for more than the usual alignment is always cut anew. The arena costs nothing
//! until it is touched. Its end is the end of what the process can allocate, and of the process: with a line
//! of its own, since a component that keeps within every limit can still have the host use it up.
//!
//! A process that runs for days ([`Arena::close`]) would use it up, too. It goes on with musl's allocator.

#![allow(unsafe_code, reason = "an allocator hands out memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::io::Write as _;
use std::mem::{align_of, size_of};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};

/// Far more than a run allocates; the component's own memory is mapped apart from it.
const BYTES: usize = 32 << 20;

/// The arena, as a program's `global_allocator`.
#[repr(align(4096))]
pub struct Arena {
    bytes: UnsafeCell<[u8; BYTES]>,
    pieces: UnsafeCell<Pieces>,
    /// The lock of `pieces`. It is held only for a moment, and the program has one thread.
    in_use: AtomicBool,
    /// Whether no piece is cut any more, and the C library has what the arena has not.
    is_closed: AtomicBool,
}

// SAFETY: `bytes` is only reached through the pieces that `alloc` hands out, each to one owner at a time,
// and `pieces` only by `with_pieces`, by one thread at a time.
unsafe impl Sync for Arena {}

struct Pieces {
    /// How many bytes of the arena were ever handed out.
    cut: usize,
    /// The pieces that were given back, a list for each size: a piece begins with the next one of its list.
    returned: [Option<Piece>; CLASSES],
}

#[derive(Clone, Copy)]
struct Piece(NonNull<Option<Piece>>);

/// Pieces are multiples of this many bytes, and lie at such.
const GRAIN: usize = 16;
const _: () = assert!(size_of::<Option<Piece>>() <= GRAIN && align_of::<Option<Piece>>() <= GRAIN);

/// The largest size that has a list of its own; from there on there is one for each power of two.
const SMALL: usize = 1 << 10;
const SMALL_CLASSES: usize = SMALL / GRAIN;
const CLASSES: usize = SMALL_CLASSES + (BYTES / SMALL).ilog2() as usize;

/// The list for pieces of at least `size` bytes, and the size of its pieces. `None` if `size` is larger than the
/// arena.
fn class(size: usize) -> Option<(usize, usize)> {
    if size <= SMALL {
        let grains = size.div_ceil(GRAIN).max(1);
        return Some((grains - 1, grains * GRAIN));
    }
    let size = size
        .checked_next_power_of_two()
        .filter(|size| *size <= BYTES)?;
    Some((SMALL_CLASSES + (size / SMALL).ilog2() as usize - 1, size))
}

impl Arena {
    /// An arena of which nothing is used.
    #[allow(
        clippy::new_without_default,
        reason = "it is for a static, and 32 MiB large"
    )]
    pub const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new([0; BYTES]),
            pieces: UnsafeCell::new(Pieces {
                cut: 0,
                returned: [None; CLASSES],
            }),
            in_use: AtomicBool::new(false),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Cuts no further piece: what was given back is still used again, and everything else comes from the C
    /// library's allocator, which joins what it gets back.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        self.with_pieces(|pieces| pieces.cut = BYTES);
    }

    /// What the arena does not have. It is the end of a process that has not closed it.
    #[cold]
    fn beyond(&self) -> System {
        if self.is_closed.load(Ordering::Relaxed) {
            return System;
        }
        used_up()
    }

    /// Whether this is a piece of the arena.
    fn has(&self, start: *mut u8) -> bool {
        start.addr().wrapping_sub(self.bytes.get().addr()) < BYTES
    }

    /// A piece for `layout`, and whether it was never used, so that it holds zeros.
    fn piece(&self, layout: Layout) -> Option<(NonNull<u8>, bool)> {
        let (class, size) = class(layout.size())?;
        self.with_pieces(|pieces| self.next_piece(pieces, layout, class, size))
    }

    fn next_piece(
        &self,
        pieces: &mut Pieces,
        layout: Layout,
        class: usize,
        size: usize,
    ) -> Option<(NonNull<u8>, bool)> {
        if layout.align() <= GRAIN
            && let Some(returned) = pieces.returned.get_mut(class)
            && let Some(Piece(piece)) = *returned
        {
            // SAFETY: `dealloc` has written it, and nobody else has reached it since.
            *returned = unsafe { piece.read() };
            return Some((piece.cast(), false));
        }
        // An alignment is a power of two, so that nothing has to be divided.
        let beyond = layout.align().max(GRAIN) - 1;
        let start = pieces.cut.checked_add(beyond)? & !beyond;
        let end = start.checked_add(size).filter(|end| *end <= BYTES)?;
        if layout.align() > align_of::<Self>() {
            return None;
        }
        pieces.cut = end;
        // SAFETY: `start` is within the arena.
        let piece = unsafe { self.bytes.get().cast::<u8>().add(start) };
        Some((NonNull::new(piece)?, true))
    }

    #[inline]
    fn with_pieces<R>(&self, work: impl FnOnce(&mut Pieces) -> R) -> R {
        while self.in_use.swap(true, Ordering::Acquire) {
            spin_loop();
        }
        // SAFETY: whoever else comes here waits above, and `work` does not come here again.
        let done = work(unsafe { &mut *self.pieces.get() });
        self.in_use.store(false, Ordering::Release);
        done
    }
}

/// Ends the program with the message of a stopped component. If the allocator returned null, a signal would end the
/// program without a message.
#[cold]
fn used_up() -> ! {
    // Neither of the two allocates. When stderr is gone too there is nobody left to tell.
    let _ = std::io::stderr().write_all(
        b"epicac: the component was stopped: it used up the memory of the host (is this the component that was released? compare `epicac --version` with SHA256SUMS)\n",
    );
    std::process::exit(1)
}

// SAFETY: `piece` gives what nobody else has: what `cut` has passed is handed out, and what was given back
// is taken off its list first. A piece is as large as `class` says, which is a function of the layout alone,
// and aligned as asked for. A returned piece is only ever reused for its own class. What lies outside of the
// arena is the C library's, and goes back to it.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.piece(layout) {
            Some((piece, _)) => piece.as_ptr(),
            // SAFETY: as the caller vouches.
            None => unsafe { self.beyond().alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some((piece, is_zero)) = self.piece(layout) else {
            // SAFETY: as the caller vouches.
            return unsafe { self.beyond().alloc_zeroed(layout) };
        };
        if !is_zero {
            // SAFETY: the piece is at least that large.
            unsafe { piece.write_bytes(0, layout.size()) };
        }
        piece.as_ptr()
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        if !self.has(start) {
            // SAFETY: what is not of the arena was allocated there, with this layout.
            return unsafe { System.dealloc(start, layout) };
        }
        let Some(start) = NonNull::new(start.cast::<Option<Piece>>()) else {
            return;
        };
        let Some((class, _)) = class(layout.size()) else {
            return;
        };
        self.with_pieces(|pieces| {
            if let Some(returned) = pieces.returned.get_mut(class) {
                // SAFETY: the piece is no longer in use, and has room for it.
                unsafe { start.write(*returned) };
                *returned = Some(Piece(start));
            }
        });
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !self.has(start) {
            // SAFETY: what is not of the arena was allocated there, with this layout.
            return unsafe { System.realloc(start, layout, new_size) };
        }
        let old_class = class(layout.size());
        if old_class.is_some() && class(new_size) == old_class {
            return start;
        }
        // SAFETY: the caller vouches that the size, rounded up to the alignment, does not overflow.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: as the caller vouches, the size is not zero.
        let new = unsafe { self.alloc(new_layout) };
        // SAFETY: both pieces are that large, and they are two.
        unsafe { ptr::copy_nonoverlapping(start, new, layout.size().min(new_size)) };
        // SAFETY: the caller gives it up.
        unsafe { self.dealloc(start, layout) };
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static ALLOCATOR: Arena = Arena::new();

    /// What is done with one of eight places, each of which may hold a piece.
    #[derive(Clone, Debug)]
    enum Step {
        Hold {
            place: usize,
            size: usize,
            align: u32,
            zeroed: bool,
        },
        Resize {
            place: usize,
            size: usize,
        },
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let size = prop_oneof![1..80_usize, 1..5_000_usize];
        let hold = (0..8_usize, size.clone(), 0..9_u32, any::<bool>()).prop_map(
            |(place, size, align, zeroed)| Step::Hold {
                place,
                size,
                align,
                zeroed,
            },
        );
        let resize = (0..8_usize, size).prop_map(|(place, size)| Step::Resize { place, size });
        proptest::collection::vec(prop_oneof![hold, resize], 1..200)
    }

    proptest! {
        // The arena is one for all cases, and over-aligned pieces are not reused.
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// Each piece is filled with a mark of its own, and must still hold it when it is given back.
        #[test]
        fn pieces_are_aligned_and_never_overlap(steps in steps()) {
            let mut held: [Option<(*mut u8, Layout, u8)>; 8] = [None; 8];
            let is_full_of = |piece: *mut u8, size: usize, mark: u8| {
                // SAFETY: the piece is held, and was filled that far.
                unsafe { std::slice::from_raw_parts(piece, size) }.iter().all(|byte| *byte == mark)
            };
            for (mark, step) in steps.into_iter().enumerate() {
                let mark = (mark % 255) as u8 + 1;
                let (place, new) = match step {
                    Step::Hold { place, size, align, zeroed } => {
                        if let Some((piece, layout, mark)) = held[place].take() {
                            prop_assert!(is_full_of(piece, layout.size(), mark));
                            // SAFETY: it was allocated so.
                            unsafe { ALLOCATOR.dealloc(piece, layout) };
                        }
                        let layout = Layout::from_size_align(size, 1 << align).unwrap();
                        // SAFETY: the size is not zero.
                        let piece = unsafe {
                            if zeroed { ALLOCATOR.alloc_zeroed(layout) } else { ALLOCATOR.alloc(layout) }
                        };
                        prop_assert!(!piece.is_null());
                        prop_assert!(!zeroed || is_full_of(piece, size, 0));
                        (place, (piece, layout))
                    }
                    Step::Resize { place, size } => {
                        let Some((piece, layout, mark)) = held[place].take() else { continue };
                        // SAFETY: it was allocated so, and the size is not zero.
                        let piece = unsafe { ALLOCATOR.realloc(piece, layout, size) };
                        prop_assert!(!piece.is_null());
                        prop_assert!(is_full_of(piece, size.min(layout.size()), mark));
                        (place, (piece, Layout::from_size_align(size, layout.align()).unwrap()))
                    }
                };
                let (piece, layout) = new;
                prop_assert_eq!(piece.addr() % layout.align(), 0);
                // SAFETY: the piece is that large.
                unsafe { piece.write_bytes(mark, layout.size()) };
                held[place] = Some((piece, layout, mark));
            }
            for (piece, layout, mark) in held.into_iter().flatten() {
                prop_assert!(is_full_of(piece, layout.size(), mark));
                // SAFETY: it was allocated so.
                unsafe { ALLOCATOR.dealloc(piece, layout) };
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (size, align) in [(BYTES + 1, 1), (usize::MAX / 4, 8), (1, 8192)] {
            let layout = Layout::from_size_align(size, align).unwrap();
            assert!(ALLOCATOR.piece(layout).is_none(), "{size} {align}");
        }
    }

    #[test]
    fn a_closed_arena_has_the_c_librarys_memory_and_reuses_its_own() {
        static CLOSED: Arena = Arena::new();
        let small = Layout::from_size_align(64, 8).unwrap();
        let aligned = Layout::from_size_align(64, 128).unwrap();
        // SAFETY: each piece is given back once, with its layout.
        unsafe {
            let own = CLOSED.alloc(small);
            CLOSED.close();
            for layout in [small, aligned] {
                let other = CLOSED.alloc_zeroed(layout);
                assert!(CLOSED.has(own) && !CLOSED.has(other));
                assert_eq!(other.addr() % layout.align(), 0);
                let other = CLOSED.realloc(other, layout, 1 << 20);
                let layout = Layout::from_size_align(1 << 20, layout.align()).unwrap();
                CLOSED.dealloc(other, layout);
            }
            let grown = CLOSED.realloc(own, small, 4_096);
            assert!(!CLOSED.has(grown));
            CLOSED.dealloc(grown, Layout::from_size_align(4_096, 8).unwrap());
            assert_eq!(CLOSED.alloc(small), own);
        }
    }

    #[test]
    fn a_piece_is_as_large_as_asked_for() {
        for size in 0..=8192 {
            let (index, given) = class(size).unwrap();
            assert!(given >= size && given % GRAIN == 0 && index < CLASSES);
            assert_eq!(class(given), Some((index, given)));
        }
        assert_eq!(class(BYTES), Some((CLASSES - 1, BYTES)));
    }
}
