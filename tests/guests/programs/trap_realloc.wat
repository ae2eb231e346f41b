;; Calls the host from within its allocator, while the host is handing it something.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (export "now" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core module $memory
    (import "host" "now" (func $now (result i64)))
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (drop (call $now))
      (i32.const 1024)))
  (core instance $shared (instantiate $memory
    (with "host" (instance (export "now" (func $now))))))
  (core func $get (canon lower (func $environment "get-environment")
    (memory $shared "memory") (realloc (func $shared "realloc"))))
  (core module $code
    (import "host" "get" (func $get (param i32)))
    (memory (export "memory") 1)
    (func (export "get-credentials") (result i32) (call $get (i32.const 0)) (i32.const 0)))
  (core instance $program (instantiate $code
    (with "host" (instance (export "get" (func $get))))))
  ;; kit/provider.wat
)
