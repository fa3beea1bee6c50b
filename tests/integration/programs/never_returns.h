/* What programs of both CPUs do that never returns; functions with names, for messages to have. */

__attribute__((noinline)) void write_through_null(volatile int* where)
{
    *where = 7;
}

__attribute__((noinline)) int call_deeper(int n)
{
    volatile int kept[16];
    kept[n & 15] = n;
    return n < 0 ? 0 : call_deeper(n + 1) + kept[n & 15]; /* the stack ends long before int does */
}

__attribute__((noinline)) void compute_for_ever(void)
{
    for (;;) {
        __asm__ volatile("");
    }
}
