// The same as execute_threaded, with a switch: for every compiler, and to compare.
#define RV64_EXECUTE execute_plain
#include "models/cores/rv64/execute.inc"
