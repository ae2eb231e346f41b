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
    (func (export "run") (result i32) (call $get (i32.const 0)) (i32.const 0)))
  (core instance $program (instantiate $code
    (with "host" (instance (export "get" (func $get))))))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
