;; Loops without end before anything of it is called.
(component
  (core module $code
    (func $loop (loop $again (br $again)))
    (start $loop)
    (func (export "run") (result i32) (i32.const 0)))
  (core instance $program (instantiate $code))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
