/* Words for result and status codes. */
#include "driver/loas_driver.h"

const char* loas_status_text(unsigned status)
{
    static const char* const texts[] = {
        [LOAS_STATUS_OK] = "completed without error",
        [LOAS_STATUS_BAD_OPCODE] = "unknown opcode",
        [LOAS_STATUS_BAD_FLAGS] = "unknown flag bits or formats, or a reserved field is not zero",
        [LOAS_STATUS_BAD_TIMESTEPS] = "number of timesteps is zero or above what the device can do",
        [LOAS_STATUS_BAD_SHAPE] = "a size, kernel or stride is zero, or the kernel is larger than the padded input",
        [LOAS_STATUS_TOO_LARGE] = "the layer is larger than the contract allows",
        [LOAS_STATUS_BAD_NEURON] = "leak is above 256, or pooling or masking is asked of int32 currents",
        [LOAS_STATUS_BAD_POOLING] = "the pooling window is zero or larger than the output",
        [LOAS_STATUS_MISALIGNED] = "a tensor address is not aligned",
        [LOAS_STATUS_UNMAPPED] = "a tensor or work area lies outside the memory that the device can reach",
        [LOAS_STATUS_OVERLAP] = "the output or its work area overlaps an operand or a ring",
        [LOAS_STATUS_BAD_TENSOR] = "a fiber leads outside its tensor, or its positions do not exist or ascend",
        [LOAS_STATUS_BUS_ERROR] = "memory answered an access of the device with an error",
        [LOAS_STATUS_UNSUPPORTED] = "this design does not support the layer",
        [LOAS_STATUS_BAD_QUEUE] = "ring size, base or tail is not valid",
    };
    _Static_assert(sizeof texts / sizeof texts[0] == LOAS_STATUS_COUNT, "a text for every status");
    return status < LOAS_STATUS_COUNT ? texts[status] : "unknown status code";
}

const char* loas_result_text(int result)
{
    static const char* const texts[] = {
        [-LOAS_OK] = "success",
        [-LOAS_E_BUS] = "a register or memory access was answered with an error",
        [-LOAS_E_TIMEOUT] = "not complete within the time given",
        [-LOAS_E_NO_DEVICE] = "no accelerator of this contract at this address",
        [-LOAS_E_VERSION] = "the accelerator implements another major version of the contract",
        [-LOAS_E_ARGUMENT] = "an argument is not valid",
        [-LOAS_E_MEMORY] = "no device memory left, or too little scratch memory",
        [-LOAS_E_QUEUE_FULL] = "the descriptor queue is full",
        [-LOAS_E_DEVICE] = "the device reported an error, see the completion's status",
    };
    const int count = (int)(sizeof texts / sizeof texts[0]);
    return result <= 0 && result > -count ? texts[-result] : "unknown result code";
}
