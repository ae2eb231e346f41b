;; Grows a table without end.
(component
  (core module $code
    (table $table 0 funcref)
    (func (export "run") (result i32)
      (loop $again
        (br_if $again
          (i32.ne (i32.const -1) (table.grow $table (ref.null func) (i32.const 1000)))))
      (i32.const 0)))
  (core instance $program (instantiate $code))
  (func $run (result (result)) (canon lift (core func $program "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
