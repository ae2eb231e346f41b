;; Divides by zero, as the machine does it.
(component
  (core module $code
    (func (export "run") (result i32) (i32.div_u (i32.const 1) (i32.const 0))))
  (core instance $program (instantiate $code))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
