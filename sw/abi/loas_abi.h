/*
 * The contract between software and the accelerator: registers, descriptors, completion records, the layout of
 * tensors in memory, status codes. The only header that driver and hardware model share.
 * C11 and C++17, freestanding. Everything in memory is little-endian.
 * sw/abi/README.md describes it for readers; a test checks that page against this header.
 */
#ifndef LOAS_ABI_H
#define LOAS_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#define LOAS_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define LOAS_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* ---------------------------------------------------------------- registers
 * 32-bit registers in a block of LOAS_REGISTER_BLOCK_BYTES; only aligned 32-bit accesses.
 * A write to RO, or to "RW while disabled" while enabled or busy, is answered with a bus error and changes nothing.
 * W1C clears the bits written as 1. A 64-bit counter is read low half first: that read latches the high half.
 * Bits without a meaning read as 0; written as 1 they are ignored, of CONTROL refused with a bus error.
 *
 * A device has LOAS_REG_RINGS rings. Each is in everything like a device of its own: a block of registers, i blocks
 * behind that of ring 0, with the same offsets, and an interrupt, the i-th behind that of ring 0. Descriptors of a ring
 * run in order; rings take turns, a descriptor each.
 *
 * An error: the completion record is in memory first, then the error registers and HALTED are set, then the interrupt
 * is raised. RESUME clears the four error registers. LOAS_STATUS_BAD_QUEUE has no descriptor and so no record.
 * SOFT_RESET also clears counters and enables; until STATUS is no longer BUSY the device may still access memory.
 * Enabling sets HEAD and TAIL to 0 and starts the sequence of completions at 1; while BUSY it is a bus error. */
#define LOAS_REGISTER_BLOCK_BYTES 0x1000u

#define LOAS_ID_VALUE 0x53416F4Cu /* "LoAS" in memory order */
#define LOAS_ABI_MAJOR 1u
/* 1: formats; 2: more rings than one; 3: delayed reset, potentials that are carried; 4: thresholds of columns;
 * 5: layers of bytes; 6: neurons that spike once; 7: few-spikes neurons */
#define LOAS_ABI_MINOR 7u

/* generated from models/control/ring_registers.cpp */
#define LOAS_REG_ID 0x000u                 /* RO: "LoAS" in memory order, LOAS_ID_VALUE */
#define LOAS_REG_VERSION 0x004u            /* RO: of the contract: major in the upper half, minor in the lower */
#define LOAS_REG_ACCELERATOR 0x008u        /* RO: which design answers, enum loas_accelerator */
#define LOAS_REG_FEATURES 0x00Cu           /* RO: what the design can do */
#define LOAS_REG_TILES 0x010u              /* RO: compute tiles (TPPEs) */
#define LOAS_REG_MAX_TIMESTEPS 0x014u      /* RO: largest T of a layer */
#define LOAS_REG_CHUNK_BITS 0x018u         /* RO: mask bits joined at once */
#define LOAS_REG_CLOCK_KHZ 0x01Cu          /* RO: clock of the accelerator */
#define LOAS_REG_CONTROL 0x020u            /* RW: starts and stops the ring; a 1 in another bit is a bus error */
#define LOAS_REG_STATUS 0x024u             /* RO: what the ring does */
#define LOAS_REG_IRQ_STATUS 0x028u         /* W1C: why the ring interrupts */
#define LOAS_REG_IRQ_ENABLE 0x02Cu         /* RW: the same bits: which of them interrupt */
#define LOAS_REG_QUEUE_BASE_LO 0x030u      /* RW while disabled: descriptor ring, 64-byte aligned */
#define LOAS_REG_QUEUE_BASE_HI 0x034u      /* RW while disabled: its upper half */
#define LOAS_REG_COMPLETION_BASE_LO 0x038u /* RW while disabled: completion ring, 32-byte aligned */
#define LOAS_REG_COMPLETION_BASE_HI 0x03Cu /* RW while disabled: its upper half */
#define LOAS_REG_QUEUE_SIZE 0x040u         /* RW while disabled: entries of both rings, a power of two 2..4096 */
#define LOAS_REG_QUEUE_HEAD 0x044u         /* RO: next entry that the device takes, 0..size-1 */
#define LOAS_REG_QUEUE_TAIL 0x048u         /* RW: the doorbell: first entry that is not the device's, 0..size-1 */
#define LOAS_REG_FORMATS 0x04Cu            /* RO: the formats that the design reads and writes */
#define LOAS_REG_ERROR_CODE 0x050u         /* RO: enum loas_status of the first error since the last clear or reset */
#define LOAS_REG_ERROR_INDEX 0x054u        /* RO: ring entry of that descriptor */
#define LOAS_REG_ERROR_ADDRESS_LO 0x058u   /* RO: address that caused it, 0: none */
#define LOAS_REG_ERROR_ADDRESS_HI 0x05Cu   /* RO: its upper half */
#define LOAS_REG_RINGS 0x060u              /* RO: number of rings; the registers of ring i lie i blocks further on */
#define LOAS_REG_COUNTERS 0x100u           /* RO: counters, 8 bytes apart, lower halves; a read latches the upper */
#define LOAS_REG_COUNTERS_HI 0x104u        /* RO: upper halves, as latched */

#define LOAS_FEATURE_CONVOLUTION 0x1u           /* kernel or stride above 1, or padding */
#define LOAS_FEATURE_POOLING 0x2u               /* windows above 1 */
#define LOAS_FEATURE_SOFT_RESET_NEURON 0x4u     /* neurons that keep what is above the threshold */
#define LOAS_FEATURE_SINGLE_SPIKE_MASK 0x8u     /* single spikes of outputs are silenced */
#define LOAS_FEATURE_CURRENTS 0x10u             /* int32 currents as output */
#define LOAS_FEATURE_DELAYED_RESET_NEURON 0x20u /* neurons from which the threshold is subtracted a timestep later */
#define LOAS_FEATURE_CARRY 0x40u                /* potentials that are carried from layer to layer */
#define LOAS_FEATURE_THRESHOLDS 0x80u           /* a threshold for each column */
#define LOAS_FEATURE_FIRST_SPIKE_NEURON 0x100u  /* neurons that spike at most once */
#define LOAS_FEATURE_FEW_SPIKES_NEURON 0x200u   /* neurons whose spikes are the bits of a number */

#define LOAS_CONTROL_ENABLE 0x1u     /* the ring runs while set */
#define LOAS_CONTROL_RESUME 0x2u     /* leave the halt after an error, go on with the next entry */
#define LOAS_CONTROL_SOFT_RESET 0x4u /* abandon the work in flight, all registers to reset values */

#define LOAS_STATE_IDLE 0x1u   /* nothing in flight and the ring empty, disabled or halted */
#define LOAS_STATE_BUSY 0x2u   /* a descriptor is in flight */
#define LOAS_STATE_HALTED 0x4u /* stopped by an error until RESUME or SOFT_RESET */

#define LOAS_IRQ_COMPLETION 0x1u /* a descriptor with LOAS_FLAG_INTERRUPT completed */
#define LOAS_IRQ_ERROR 0x2u      /* a descriptor failed */

#define LOAS_FORMATS_SPIKES_SHIFT 0u    /* enum loas_spike_format, of inputs and of outputs */
#define LOAS_FORMATS_SPIKES_MASK 0xfu   /* the same, in place */
#define LOAS_FORMATS_WEIGHTS_SHIFT 4u   /* enum loas_weight_format */
#define LOAS_FORMATS_WEIGHTS_MASK 0xf0u /* the same, in place */
#define LOAS_FORMATS_WORK_AREA 0x10000u /* the output must be followed by a work area, see loas_work_bytes */
/* end of what is generated */

/* Which design answers. */
enum loas_accelerator {
    LOAS_ACCELERATOR_LOAS = 1,
    LOAS_ACCELERATOR_SPARTEN_SNN = 2,
    LOAS_ACCELERATOR_GOSPA_SNN = 3,
    LOAS_ACCELERATOR_GAMMA_SNN = 4,
    LOAS_ACCELERATOR_DENSE_SNN = 5,
    LOAS_ACCELERATOR_SPARTEN_ANN = 6,
    LOAS_ACCELERATOR_SPINALFLOW = 7,
    LOAS_ACCELERATOR_PTB = 8,
    LOAS_ACCELERATOR_GAMMA_ANN = 9,
    LOAS_ACCELERATOR_STELLAR = 10
};

/* How a spike tensor lies in memory: see the tensors below. */
enum loas_spike_format {
    LOAS_SPIKES_PACKED = 0,      /* mask of non-silent channels, words of T bits */
    LOAS_SPIKES_BITMAP = 1,      /* a bit for each timestep, pixel and channel */
    LOAS_SPIKES_COORDINATES = 2, /* for each timestep and pixel the channels that spike */
    LOAS_SPIKES_BYTES = 3,       /* no spikes: mask of channels that are not 0, a byte each */
    LOAS_SPIKES_BYTE_PAIRS = 4,  /* no spikes: for each pixel the channels that are not 0, each with its byte */
    LOAS_SPIKES_COUNT
};

enum loas_weight_format {
    LOAS_WEIGHTS_COLUMNS = 0, /* for each column a mask over K and its weights */
    LOAS_WEIGHTS_ROWS = 1,    /* for each k the columns with a weight, and the weights */
    LOAS_WEIGHTS_DENSE = 2,   /* all weights, column after column */
    LOAS_WEIGHTS_COUNT
};

enum loas_counter {
    LOAS_COUNTER_CYCLES = 0,  /* accelerator clock cycles since reset */
    LOAS_COUNTER_BUSY_CYCLES, /* cycles of the layers completed without error */
    LOAS_COUNTER_DESCRIPTORS, /* descriptors taken, failed ones too */
    LOAS_COUNTER_LAYERS,      /* layers completed without error */
    LOAS_COUNTER_ERRORS,      /* descriptors that failed, and bad queues */
    LOAS_COUNTER_JOINS,       /* chunk joins */
    LOAS_COUNTER_MATCHES,     /* matched (non-silent input, non-zero weight) pairs */
    LOAS_COUNTER_CORRECTIONS, /* matches whose spike word was not all ones */
    LOAS_COUNTER_COUNT
};

/* ---------------------------------------------------------------- status codes: completions and ERROR_CODE
 * A descriptor is checked in the order opcode, flags, timesteps, shape, neuron, pooling, sizes, features, alignment,
 * reachable memory, overlap; the first finding is reported. */
enum loas_status {
    LOAS_STATUS_OK = 0,
    LOAS_STATUS_BAD_OPCODE = 1,    /* unknown opcode */
    LOAS_STATUS_BAD_FLAGS = 2,     /* unknown flag bits or formats, or a reserved field that is not 0 */
    LOAS_STATUS_BAD_TIMESTEPS = 3, /* T is 0 or above MAX_TIMESTEPS, or of bytes not 1 */
    LOAS_STATUS_BAD_SHAPE = 4,     /* a size, kernel or stride of 0, or a kernel larger than the padded input */
    LOAS_STATUS_TOO_LARGE = 5,     /* a product of sizes above the limits below */
    LOAS_STATUS_BAD_NEURON = 6,    /* leak above 256, two resets, CARRY or THRESHOLDS without bias, CARRY with
                                    * FIRST_SPIKE, or pooling / masking / CARRY / THRESHOLDS / FIRST_SPIKE asked of
                                    * int32 currents; a reset, CARRY or FIRST_SPIKE with FEW_SPIKES; RELU of spikes,
                                    * another neuron of bytes, a shift beyond 31, or a reset / masking / CARRY /
                                    * THRESHOLDS / FIRST_SPIKE / FEW_SPIKES asked of RELU */
    LOAS_STATUS_BAD_POOLING = 7,   /* pooling window 0 or larger than the output */
    LOAS_STATUS_MISALIGNED = 8,    /* a tensor address off its alignment */
    LOAS_STATUS_UNMAPPED = 9,      /* a tensor or work area outside the memory that the accelerator can reach */
    LOAS_STATUS_OVERLAP = 10,      /* the output or its work area overlaps an operand or a ring */
    LOAS_STATUS_BAD_TENSOR = 11,   /* a fiber leads outside its tensor, or its positions do not exist or ascend */
    LOAS_STATUS_BUS_ERROR = 12,    /* memory answered an access with an error */
    LOAS_STATUS_UNSUPPORTED = 13,  /* valid, but not for this design: see FEATURES and FORMATS */
    LOAS_STATUS_BAD_QUEUE = 14,    /* when the queue was enabled or rung: ring size or tail invalid, a base off its
                                    * alignment, or a ring beyond the last address; where there is no memory, each
                                    * access to a ring is a BUS_ERROR */
    LOAS_STATUS_COUNT
};

/* ---------------------------------------------------------------- descriptors: 64 bytes, 64-byte aligned */
enum loas_opcode { LOAS_OP_NOP = 0, LOAS_OP_FENCE = 1, LOAS_OP_RUN_LAYER = 2 };

#define LOAS_FLAG_INTERRUPT 0x1u         /* raise LOAS_IRQ_COMPLETION when done */
#define LOAS_FLAG_SINGLE_SPIKE_MASK 0x2u /* silence stored output words with exactly one spike (after pooling) */

#define LOAS_NEURON_SOFT_RESET 0x1u    /* on a spike U = leak(X - v_th), instead of 0 */
#define LOAS_NEURON_CURRENTS 0x2u      /* no neuron: write the int32 currents O */
#define LOAS_NEURON_CARRY 0x8u         /* potentials begin with those behind the bias, and are left there */
#define LOAS_NEURON_DELAYED_RESET 0x4u /* on a spike U = leak(X) - v_th; not together with the soft reset */
#define LOAS_NEURON_THRESHOLDS 0x10u   /* a v_th for each column, behind the bias, in place of the descriptor's */
#define LOAS_NEURON_RELU 0x20u         /* of bytes: no spikes, C = min(max(round(O / 2^threshold), 0), 255) */
#define LOAS_NEURON_FIRST_SPIKE 0x40u  /* a neuron spikes at most once: after its first spike it is silent */
#define LOAS_NEURON_FEW_SPIKES 0x80u   /* spikes are the bits of a number, that of t = 0 counts 2^(T-1) */

/*
 * One layer: C = neuron(A * B + bias). A is the spike tensor of an in_height x in_width image with in_channels
 * channels (a plain M x K matrix: in_height = M, in_width = 1, kernel 1, stride 1, padding 0). B is a weight tensor
 * with K = kernel_h * kernel_w * in_channels, k running (kernel row, kernel column, channel), and N = out_channels.
 * Rows of the product are output pixels in raster order. A fence completes when all descriptors before it have.
 * Descriptors run in ring order, so a fence never waits here; it is there for designs that overlap layers.
 * Currents O are 32-bit two's complement and wrap (only an extreme bias can do that); the potential does not wrap.
 * With LOAS_NEURON_CARRY a layer of more than LOAS_MAX_TIMESTEPS timesteps runs in blocks of them: the potentials
 * U[M][N] of its neurons lie as int32 behind the bias (loas_potentials_address), software sets them to 0, or to where
 * the neurons begin, before the first block, and each block reads and writes them. Only what lies beyond int32 is saturated there. Rows in no pooling
 * window are not computed, and keep theirs. With LOAS_NEURON_THRESHOLDS v_th is that of the column, in all that is said
 * of it: weights can have a scale for each column then.
 * With LOAS_NEURON_FEW_SPIKES (C. Stoeckl and W. Maass, arXiv 2002.00860, with powers of two) spikes are the bits of a
 * number, of inputs as of outputs: one at t counts d[t] = 2^(T-1-t). A neuron takes all timesteps first, v = sum of
 * d[t] O[t], 64 bits; then for t = 0..T-1 it spikes if v > d[t] v_th, and if so d[t] v_th is subtracted. Currents are
 * d[t] O[t], whose sum is v; they wrap. There is no leak and no reset; pooling is the OR of the bits, not the larger number.
 *
 * Layers of an ANN: with a format of bytes A is a tensor of numbers 0..255 of one timestep, O = A * B + bias as above,
 * and the neuron is LOAS_NEURON_RELU, unless the layer writes currents: `threshold` is a right shift, 0..31, that
 * requantises the layer; C = min(max((O + r) >> threshold, 0), 255) with r = 2^(threshold - 1), for a shift of 0 r = 0:
 * halves are rounded up, O + r has 33 bits and does not wrap. Pooling takes the largest of the window. leak_q8 is not
 * looked at.
 */
struct loas_descriptor {
    uint8_t opcode;     /* enum loas_opcode */
    uint8_t flags;      /* LOAS_FLAG_* */
    uint8_t timesteps;  /* T, 1..16 */
    uint8_t neuron;     /* LOAS_NEURON_*; with CURRENTS a reset has no meaning and, but with FEW_SPIKES, is no error */
    uint16_t in_height; /* pixels */
    uint16_t in_width;  /* pixels */
    uint16_t in_channels;
    uint16_t out_channels; /* N */
    uint8_t kernel_h;
    uint8_t kernel_w;
    uint8_t stride_h;
    uint8_t stride_w;
    uint8_t pad_h;           /* zero pixels added above and below */
    uint8_t pad_w;           /* zero pixels added left and right */
    uint8_t pool;            /* OR, of bytes maximum, over pool x pool windows, stride the same; 1: none; trailing
                              * rows and columns drop */
    uint8_t formats;         /* spike format | weight format << LOAS_FORMATS_WEIGHTS_SHIFT; 0: those of LoAS */
    uint16_t leak_q8;        /* tau in 1/256: U = floor(X * leak_q8 / 256), 0..256 */
    uint16_t reserved1;      /* 0 */
    int32_t threshold;       /* v_th in weight units; a spike needs X > v_th; with THRESHOLDS not looked at; with
                              * RELU the right shift */
    uint32_t cookie;         /* returned in the completion, not interpreted */
    uint64_t input_address;  /* spike tensor, LOAS_TENSOR_ALIGN */
    uint64_t weight_address; /* weight tensor, LOAS_TENSOR_ALIGN */
    uint64_t bias_address;   /* int32[N], with THRESHOLDS int32[2][N]: bias, v_th; 4-byte aligned; 0: no bias.
                              * With CARRY or THRESHOLDS not 0, with CARRY LOAS_TENSOR_ALIGN */
    uint64_t output_address; /* spike tensor (written in slot form) or int32[M][N][T], LOAS_TENSOR_ALIGN */
};
LOAS_STATIC_ASSERT(sizeof(struct loas_descriptor) == 64, "descriptor is 64 bytes");
LOAS_STATIC_ASSERT(offsetof(struct loas_descriptor, leak_q8) == 20, "descriptor layout");
LOAS_STATIC_ASSERT(offsetof(struct loas_descriptor, threshold) == 24, "descriptor layout");
LOAS_STATIC_ASSERT(offsetof(struct loas_descriptor, input_address) == 32, "descriptor layout");

/* Completion record of ring entry i, written to entry i of the completion ring when its descriptor is done.
 * sequence is written last: it counts completions since the queue was enabled, from 1, so a reader that remembers
 * the last one sees a new record without clearing the old. */
struct loas_completion {
    uint32_t cookie;
    uint16_t status;        /* enum loas_status */
    uint16_t index;         /* ring entry */
    uint64_t cycles;        /* accelerator cycles from the start of the descriptor to its end */
    uint64_t error_address; /* 0 when no address is to blame */
    uint32_t reserved;      /* 0 */
    uint32_t sequence;
};
LOAS_STATIC_ASSERT(sizeof(struct loas_completion) == 32, "completion record is 32 bytes");
LOAS_STATIC_ASSERT(offsetof(struct loas_completion, sequence) == 28, "completion layout");

/* ---------------------------------------------------------------- limits */
#define LOAS_MAX_TIMESTEPS 16u             /* width of a spike word in the contract; a design may have less */
#define LOAS_MAX_K (1u << 20)              /* inputs of one output neuron */
#define LOAS_MAX_TENSOR_BYTES (1ull << 31) /* of one tensor, so that 32-bit pointers and sizes suffice */
#define LOAS_MIN_QUEUE_ENTRIES 2u
#define LOAS_MAX_QUEUE_ENTRIES 4096u
#define LOAS_MAX_RINGS 16u
#define LOAS_TENSOR_ALIGN 64u
#define LOAS_HEAD_BYTES 8u /* of a fiber without a mask: offset and number of its values */

/* ---------------------------------------------------------------- tensors in memory
 * A tensor is one block: masks, pointers, values. Fiber f has its mask at mask_offset + f * mask_stride (bit i of the
 * fiber is bit i % 8 of byte i / 8; bits past the fiber's length are ignored) and a 32-bit pointer at
 * pointer_offset + 4 * f: the byte offset of its values from values_offset. Only non-zero values are stored, in
 * order of their position.
 *
 * A tensor occupies total_bytes of its layout, however few values it holds: that much must be reachable, and no output
 * may overlap it.
 *
 * Spikes, LOAS_SPIKES_PACKED: a fiber is a pixel over its channels; a set mask bit marks a channel that is not silent,
 *   its value is the word of its T spike bits (bit t = timestep t), packed T bits each, low bits first, without gaps
 *   within the fiber; each fiber starts at a byte. Software may pack fibers tightly; hardware gives each fiber a slot
 *   of slot_bytes, which is enough for a fiber without silent channels.
 * Spikes, LOAS_SPIKES_BITMAP: masks only. Fiber t * pixels + pixel; a bit is a spike.
 * Spikes, LOAS_SPIKES_COORDINATES: fiber t * pixels + pixel has, instead of mask and pointer, a head at
 *   pointer_offset + 8 * fiber: the 32-bit byte offset of its values from values_offset and their 32-bit number. The
 *   values are the channels that spike, ascending, in 1 byte each when the tensor has at most 256 channels, else in 2.
 * LOAS_SPIKES_BYTES: as packed spikes, but a value is a byte, not 0, and T is 1.
 * LOAS_SPIKES_BYTE_PAIRS: as coordinates of one timestep, but behind each channel lies its byte, not 0.
 * Weights, LOAS_WEIGHTS_COLUMNS: a fiber is a column of B over K; values are int8. Packed tightly or not, as software
 *   likes.
 * Weights, LOAS_WEIGHTS_ROWS: a fiber is a row of B (one k) over N, with heads as above; a value is the column, in 1
 *   byte when N is at most 256, else in 2, and behind it the int8 weight.
 * Weights, LOAS_WEIGHTS_DENSE: int8[N][K], nothing else.
 */
struct loas_tensor_layout {
    uint64_t mask_stride;    /* bytes from mask to mask, a multiple of 8; 0: no masks */
    uint64_t pointer_offset; /* of pointers or heads, bytes from the tensor's address */
    uint64_t values_offset;  /* bytes from the tensor's address */
    uint64_t slot_bytes;     /* largest size of one fiber's values */
    uint64_t total_bytes;    /* size that holds every tensor of this shape */
};

static inline uint64_t loas_align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1u) / alignment * alignment;
}

static inline struct loas_tensor_layout loas_tensor_layout_of(uint64_t fibers, uint64_t length, uint64_t slot_bytes)
{
    struct loas_tensor_layout layout;
    layout.mask_stride = loas_align_up(length, 64u) / 8u;
    layout.pointer_offset = fibers * layout.mask_stride;
    layout.values_offset = loas_align_up(layout.pointer_offset + 4u * fibers, LOAS_TENSOR_ALIGN);
    layout.slot_bytes = slot_bytes;
    layout.total_bytes = layout.values_offset + fibers * slot_bytes;
    return layout;
}

/* Bytes that name one of `count` positions. */
static inline uint64_t loas_coordinate_bytes(uint64_t count)
{
    return count <= 256u ? 1u : 2u;
}

/* Fibers with heads. */
static inline struct loas_tensor_layout loas_head_layout_of(uint64_t fibers, uint64_t slot_bytes)
{
    struct loas_tensor_layout layout;
    layout.mask_stride = 0;
    layout.pointer_offset = 0;
    layout.values_offset = loas_align_up(LOAS_HEAD_BYTES * fibers, LOAS_TENSOR_ALIGN);
    layout.slot_bytes = slot_bytes;
    layout.total_bytes = layout.values_offset + fibers * slot_bytes;
    return layout;
}

/* Numbers 0..255 in place of spike words? */
static inline int loas_format_is_bytes(unsigned spike_format)
{
    return spike_format == LOAS_SPIKES_BYTES || spike_format == LOAS_SPIKES_BYTE_PAIRS;
}

/* Bits of a word of such a tensor. */
static inline uint64_t loas_word_bits(unsigned spike_format, uint64_t timesteps)
{
    return loas_format_is_bytes(spike_format) ? 8u : timesteps;
}

/* Spike tensor of `pixels` over `channels`, T = timesteps, in a format of enum loas_spike_format. */
static inline struct loas_tensor_layout loas_spike_layout(unsigned format, uint64_t pixels, uint64_t channels,
                                                          uint64_t timesteps)
{
    struct loas_tensor_layout layout;
    if (format == LOAS_SPIKES_BYTE_PAIRS) {
        return loas_head_layout_of(pixels, loas_align_up(channels * (loas_coordinate_bytes(channels) + 1u), 8u));
    }
    if (format == LOAS_SPIKES_COORDINATES) {
        return loas_head_layout_of(timesteps * pixels, loas_align_up(channels * loas_coordinate_bytes(channels), 8u));
    }
    if (format == LOAS_SPIKES_BITMAP) {
        layout.mask_stride = loas_align_up(channels, 64u) / 8u;
        layout.total_bytes = timesteps * pixels * layout.mask_stride;
        layout.pointer_offset = layout.total_bytes;
        layout.values_offset = layout.total_bytes;
        layout.slot_bytes = 0;
        return layout;
    }
    return loas_tensor_layout_of(pixels, channels,
                                 loas_align_up(channels * loas_word_bits(format, timesteps), 64u) / 8u);
}

/* Weight tensor of `columns` (N) over `inputs` (K), in a format of enum loas_weight_format. */
static inline struct loas_tensor_layout loas_weight_layout(unsigned format, uint64_t columns, uint64_t inputs)
{
    struct loas_tensor_layout layout;
    if (format == LOAS_WEIGHTS_ROWS) {
        return loas_head_layout_of(inputs, columns * (loas_coordinate_bytes(columns) + 1u));
    }
    if (format == LOAS_WEIGHTS_DENSE) {
        layout.mask_stride = 0;
        layout.pointer_offset = 0;
        layout.values_offset = 0;
        layout.slot_bytes = inputs;
        layout.total_bytes = columns * inputs;
        return layout;
    }
    return loas_tensor_layout_of(columns, inputs, inputs);
}

/* Bytes of what lies at a layer's bias_address, its thresholds included. neuron: LOAS_NEURON_*, columns: N. */
static inline uint64_t loas_bias_bytes(unsigned neuron, uint64_t columns)
{
    return ((neuron & LOAS_NEURON_THRESHOLDS) != 0 ? 8u : 4u) * columns;
}

/* The potentials of a layer with LOAS_NEURON_CARRY, int32[M][N]. */
static inline uint64_t loas_potentials_address(unsigned neuron, uint64_t bias_address, uint64_t columns)
{
    return loas_align_up(bias_address + loas_bias_bytes(neuron, columns), LOAS_TENSOR_ALIGN);
}

/* The work area of a design with LOAS_FORMATS_WORK_AREA: it lies behind the output, from the next multiple of
 * LOAS_TENSOR_ALIGN on, belongs to the device while the layer runs, and means nothing before and after. Room for the
 * int32 partial sums of all outputs, and for two partial rows with coordinates for each tile.
 * rows: M, columns: N. */
static inline uint64_t loas_work_bytes(uint64_t rows, uint64_t columns, uint64_t timesteps, uint64_t tiles)
{
    return loas_align_up(columns, 64u) * (4u * rows * timesteps + 16u * tiles);
}

#ifdef __cplusplus
}
#endif
#endif
