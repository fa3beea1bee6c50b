/* Start-up and semihosting of the small RV64 programs of this folder. */
    .section .text.start, "ax"
    .globl _start
_start:
    la sp, stack_end
    call main
    j end_with

    .globl end_with /* a0: exit code */
end_with:
    la t0, exit_block
    li t1, 0x20026 /* the application ends */
    sd t1, 0(t0)
    sd a0, 8(t0)
    mv a1, t0
    li a0, 0x20
    call semihosting

    .option norvc
    .globl semihosting /* a0: number of the call, a1: its argument */
semihosting:
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    ret

    .bss
    .balign 16
exit_block:
    .space 16
    .section .stack, "aw", @nobits
    .space 65536
stack_end:
