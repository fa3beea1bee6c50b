// Two linear operations that follow each other as one. Pure functions.
#pragma once

#include "platform/network/graph.h"

#include <string>

namespace loas::lowering
{

using namespace network;

/// A side of a window: what linear_op and pool_op have in common.
struct window_side {
    unsigned kernel, stride, padding;
};
template <typename windowed> window_side rows_of(const windowed& op)
{
    return {op.kernel_h, op.stride_h, op.pad_h};
}
template <typename windowed> window_side columns_of(const windowed& op)
{
    return {op.kernel_w, op.stride_w, op.pad_w};
}
void set_window(linear_op& op, const window_side& rows, const window_side& columns);

/// The same as a convolution: each output channel takes one input channel.
linear_op linear_of(const pool_op& op, const map_shape& in);
/// Nothing when the factor differs between pixels of a channel.
std::optional<linear_op> linear_of(const scale_op& op, const map_shape& in);
/// Every channel as it is.
linear_op identity_of(const map_shape& in);

/// Multiplies what comes out, of channel n by factors[n].
void scale_outputs(linear_op& op, const std::vector<double>& factors);
/// Multiplies what comes in; `in` is its shape. False: it differs between pixels that the same weight sees.
bool scale_inputs(linear_op& op, const scale_op& by, const map_shape& in);

/// Why `second` after `first`, on `in`, is no single convolution that computes the same; "" when it is one. `first` is
/// with its bias.
std::string why_not_one(const linear_op& first, const linear_op& second, const map_shape& in);
std::string why_not_one(const pool_op& first, const linear_op& second, const map_shape& in);
std::string why_not_one(const linear_op& first, const pool_op& second, const map_shape& in);

/// It would be one, but for the bias of `first`. operation: linear_op or pool_op.
template <typename operation> bool is_kept_by_bias(const linear_op& first, const operation& second, const map_shape& in);

/// What `op`, without its own bias, makes of a map `in` that is the same in all pixels of a channel: a map of shape `out`.
std::vector<double> constant_behind(const std::vector<double>& channels, const linear_op& op, const map_shape& in,
                                    const map_shape& out);
std::vector<double> constant_behind(const std::vector<double>& channels, const pool_op& op, const map_shape& in,
                                    const map_shape& out);

/// Only where why_not_one() is "". With i an output of `first` and u a tap of `second`, tap j of `first` is tap
/// u * stride + j of the whole, whose strides multiply and whose padding is that of `first` plus its stride times that
/// of `second`.
linear_op as_one(const linear_op& first, const linear_op& second);
linear_op as_one(const pool_op& first, const linear_op& second);
linear_op as_one(const linear_op& first, const pool_op& second);

} // namespace loas::lowering
