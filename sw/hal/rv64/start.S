/* Where a program begins on RV64, in machine mode on each hart, and where it goes when it is interrupted. */

#if __riscv_xlen != 64
#error "for RV64"
#endif

    .section .text.start, "ax"
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    csrw    mie, zero
    csrr    t0, mhartid
    bnez    t0, park            /* one hart runs the program */
    la      sp, __stack_top
    la      tp, __thread_start
    la      t0, trap
    csrw    mtvec, t0
#ifdef __riscv_flen
    li      t0, 0x2000          /* the floating-point unit is off after reset */
    csrs    mstatus, t0
#endif
    la      t0, __bss_start
    la      t1, __bss_end
1:  bgeu    t0, t1, 2f
    sd      zero, 0(t0)
    addi    t0, t0, 8
    j       1b
2:  call    loas_rv64_start     /* (a0, a1), the hart and the device tree as at the entry; does not return */
park:
    wfi
    j       park

/* Everything that a C function may change, then loas_rv64_trap(cause, pc, value), which answers where to go on. */
#ifdef __riscv_flen
#define FRAME 288
#else
#define FRAME 128
#endif
    .section .text
    .balign 4
trap:
    csrw    mscratch, t0
    la      t0, __stack_bottom + FRAME
    bltu    sp, t0, 2f
1:  csrr    t0, mscratch
    addi    sp, sp, -FRAME
    sd      ra, 0(sp)
    sd      t0, 8(sp)
    sd      t1, 16(sp)
    sd      t2, 24(sp)
    sd      t3, 32(sp)
    sd      t4, 40(sp)
    sd      t5, 48(sp)
    sd      t6, 56(sp)
    sd      a0, 64(sp)
    sd      a1, 72(sp)
    sd      a2, 80(sp)
    sd      a3, 88(sp)
    sd      a4, 96(sp)
    sd      a5, 104(sp)
    sd      a6, 112(sp)
    sd      a7, 120(sp)
#ifdef __riscv_flen
    fsd     ft0, 128(sp)
    fsd     ft1, 136(sp)
    fsd     ft2, 144(sp)
    fsd     ft3, 152(sp)
    fsd     ft4, 160(sp)
    fsd     ft5, 168(sp)
    fsd     ft6, 176(sp)
    fsd     ft7, 184(sp)
    fsd     ft8, 192(sp)
    fsd     ft9, 200(sp)
    fsd     fa0, 208(sp)
    fsd     fa1, 216(sp)
    fsd     fa2, 224(sp)
    fsd     fa3, 232(sp)
    fsd     fa4, 240(sp)
    fsd     fa5, 248(sp)
    fsd     fa6, 256(sp)
    fsd     fa7, 264(sp)
    fsd     ft10, 272(sp)
    fsd     ft11, 280(sp)
#endif
    csrr    a0, mcause
    csrr    a1, mepc
    csrr    a2, mtval
    call    loas_rv64_trap
    csrw    mepc, a0
    ld      ra, 0(sp)
    ld      t0, 8(sp)
    ld      t1, 16(sp)
    ld      t2, 24(sp)
    ld      t3, 32(sp)
    ld      t4, 40(sp)
    ld      t5, 48(sp)
    ld      t6, 56(sp)
    ld      a0, 64(sp)
    ld      a1, 72(sp)
    ld      a2, 80(sp)
    ld      a3, 88(sp)
    ld      a4, 96(sp)
    ld      a5, 104(sp)
    ld      a6, 112(sp)
    ld      a7, 120(sp)
#ifdef __riscv_flen
    fld     ft0, 128(sp)
    fld     ft1, 136(sp)
    fld     ft2, 144(sp)
    fld     ft3, 152(sp)
    fld     ft4, 160(sp)
    fld     ft5, 168(sp)
    fld     ft6, 176(sp)
    fld     ft7, 184(sp)
    fld     ft8, 192(sp)
    fld     ft9, 200(sp)
    fld     fa0, 208(sp)
    fld     fa1, 216(sp)
    fld     fa2, 224(sp)
    fld     fa3, 232(sp)
    fld     fa4, 240(sp)
    fld     fa5, 248(sp)
    fld     fa6, 256(sp)
    fld     fa7, 264(sp)
    fld     ft10, 272(sp)
    fld     ft11, 280(sp)
#endif
    addi    sp, sp, FRAME
    mret

/* Full, or a stack of the program's own that lies below, but not below the program itself. */
2:  la      t0, _start
    bltu    sp, t0, 3f
    la      t0, __stack_guard
    bltu    sp, t0, 1b
3:
    la      sp, __stack_top
    csrr    a0, mepc
    call    loas_rv64_stack_full    /* does not return */
