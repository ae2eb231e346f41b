;; Gives the host a place beyond its memory to put something.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0xfffffff0)))
  (core instance $shared (instantiate $memory))
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
