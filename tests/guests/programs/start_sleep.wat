;; Sleeps for ever before anything of it is called.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "poll" (func (param "in" (list (borrow $pollable))) (result (list u32))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $p))
    (export "pollable" (type $q (eq $p)))
    (export "subscribe-instant" (func (param "when" u64) (result (own $q))))))

  ;; The memory that the list of pollables is passed in.
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $shared (instantiate $memory))

  (core func $subscribe (canon lower (func $clock "subscribe-instant")))
  (core func $wait (canon lower (func $poll "poll")
    (memory $shared "memory") (realloc (func $shared "realloc"))))
  (core module $code
    (import "host" "subscribe" (func $subscribe (param i64) (result i32)))
    (import "host" "wait" (func $wait (param i32 i32 i32)))
    (import "host" "memory" (memory $shared 1))
    (export "memory" (memory $shared))
    (func $sleep
      (i32.store (i32.const 0) (call $subscribe (i64.const -1)))
      (call $wait (i32.const 0) (i32.const 1) (i32.const 16)))
    (start $sleep)
    (func (export "get-credentials") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code
    (with "host" (instance
      (export "subscribe" (func $subscribe))
      (export "wait" (func $wait))
      (export "memory" (memory $shared "memory"))))))
  ;; kit/provider.wat
)
