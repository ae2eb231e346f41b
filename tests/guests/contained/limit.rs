//! More than there is.

use crate::case::{SECOND, contained, lets_out, says};

contained! {
    cpu_loop: says("limit `fuel`");
    cpu_recursion: says("limit `stack`");
    start_loop: says("limit `fuel`");
    start_sleep: says("limit `deadline`").deadline(SECOND);
    sleep_past_deadline: says("limit `deadline`").deadline(SECOND);
    poll_endless: says("limit `deadline`").deadline(SECOND);
    call_endless: says("limit `deadline`").deadline(SECOND);
    call_huge_list: says("fuel allocated for hostcalls has been exhausted");
    poll_million: says("fuel allocated for hostcalls has been exhausted");
    memory_allocation: says("limit `memory`");
    memory_growth: says("limit `memory`");
    memory_initial: says("limit `memory`");
    memory_of_the_host: lets_out(r#""SessionToken":"stolen""#).because("the host has what it gave back again");
    table_growth: says("limit `table`");
    table_many: says("limit `table`");
    instance_many: says("instance count too high");
    resource_million: says("limit `resources`");
    resource_folders: says("limit `resources`");
    resource_own: says("store handle limit exceeded");
}
