// The waiting reads, or the waiting writes, of one channel, kept as one list a bank: what can be done for a bank
// depends on its first hit and its oldest request only, so the scheduler never has to look at each request.
#pragma once

#include "models/memory/dram/parameters.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loas::dram
{

/// First in, first out, on a flat array that doubles when it is full.
template <typename element> class ring
{
public:
    bool empty() const { return m_count == 0; }
    std::size_t size() const { return m_count; }
    const element& front() const { return m_elements[m_begin]; }
    const element& operator[](std::size_t index) const
    {
        return m_elements[(m_begin + index) & (m_elements.size() - 1)];
    }
    void push(const element& value) { push() = value; }
    /// A place at the end, to be filled.
    element& push()
    {
        if (m_count == m_elements.size())
            grow();
        return m_elements[(m_begin + m_count++) & (m_elements.size() - 1)];
    }
    void pop()
    {
        m_begin = (m_begin + 1) & (m_elements.size() - 1);
        --m_count;
    }

private:
    void grow()
    {
        std::vector<element> larger(m_elements.empty() ? 16 : m_elements.size() * 2);
        for (std::size_t i = 0; i < m_count; ++i)
            larger[i] = (*this)[i];
        m_elements.swap(larger);
        m_begin = 0;
    }

    std::vector<element> m_elements; // as many as a power of two
    std::size_t m_begin = 0;
    std::size_t m_count = 0;
};

struct waiting_request {
    /// The row commands that were issued for it; the further one counts.
    enum class need : std::uint8_t { none, activate, precharge };

    std::uint64_t id = 0;
    std::uint64_t arrival_clock = 0;
    std::uint64_t sequence = 0;              ///< order of arrival
    std::uint64_t burst = ~std::uint64_t{0}; ///< one number for row, bank and column; this one: none
    std::uint64_t row = 0;
    std::uint64_t refresh_mark = 0; ///< clocks of all refreshes that it does not have to wait for
    std::uint32_t bank = 0;         ///< of the channel
    std::uint32_t next = 0;         ///< slot of the next one of the same bank
    need needed = need::none;
    bool answered = false; ///< a posted write
};

class request_window
{
public:
    /// hit_cap: bursts that a row may serve in turn while an older request of its bank waits for another row; 0: any.
    request_window(unsigned banks, unsigned window, unsigned hit_cap)
        : m_hit_cap(hit_cap == 0 ? ~0U : hit_cap), m_banks(banks), m_slots(window), m_free(window)
    {
        for (unsigned i = 0; i < window; ++i)
            m_free[i] = window - 1 - i;
    }

    std::size_t places() const { return m_slots.size(); }
    std::size_t waiting() const { return m_waiting; }
    bool full() const { return m_free.empty(); }

    /// Banks, bit b for bank b, with a request to their open row; ...
    std::uint64_t hits() const { return m_hits; }
    /// ... and banks with requests, of which none may use the open row, if there is one.
    std::uint64_t misses() const { return m_misses; }

    std::uint64_t hit_sequence(std::uint32_t bank) const { return m_banks[bank].hit_sequence; }
    std::uint64_t oldest_sequence(std::uint32_t bank) const { return m_banks[bank].oldest_sequence; }
    bool oldest_is_hit(std::uint32_t bank) const { return m_banks[bank].hit == m_banks[bank].oldest; }
    /// Something waits.
    std::uint32_t bank_of_oldest() const
    {
        std::uint64_t oldest = ~std::uint64_t{0}; // sequence and bank in one, for no branch could be predicted
        for (std::uint64_t banks = m_hits | m_misses; banks != 0; banks &= banks - 1) {
            const auto bank = static_cast<std::uint32_t>(__builtin_ctzll(banks));
            oldest = std::min(oldest, m_banks[bank].oldest_sequence << 6 | bank);
        }
        return oldest & 63;
    }
    waiting_request& oldest(std::uint32_t bank) { return m_slots[m_banks[bank].oldest]; }

    /// Room for one more request, unless full(): to be filled where it stays, and then given to entered(). Filled
    /// elsewhere and copied, it would make the processor wait for what has just been written in other pieces.
    waiting_request& make_room()
    {
        waiting_request& room = m_slots[m_free.back()];
        m_free.pop_back();
        ++m_waiting;
        return room;
    }
    void entered(waiting_request& request) { link(static_cast<std::uint32_t>(&request - m_slots.data())); }

    bool is_open(std::uint32_t bank, std::uint64_t row) const { return m_banks[bank].open_row == row; }

    void open(std::uint32_t bank, std::uint64_t row)
    {
        bank_list& list = m_banks[bank];
        list.open_row = row;
        list.served = 0;
        list.before_hit = none;
        find_hit(bank, list.oldest);
    }

    void close(std::uint32_t bank) { open(bank, no_row); }

    /// The oldest request that hits in a bank out of hits().
    const waiting_request& hit(std::uint32_t bank) const { return m_slots[m_banks[bank].hit]; }

    /// Removes it.
    void remove_hit(std::uint32_t bank)
    {
        bank_list& list = m_banks[bank];
        ++list.served;
        const std::uint32_t slot = list.hit;
        const std::uint32_t next = m_slots[slot].next;
        if (list.before_hit == none) {
            list.oldest = next;
            list.oldest_sequence = next == none ? 0 : m_slots[next].sequence;
        } else {
            m_slots[list.before_hit].next = next;
        }
        if (list.newest == slot)
            list.newest = list.before_hit;
        find_hit(bank, next);
        m_slots[slot].burst = waiting_request().burst; // holds() must not find it any more
        m_free.push_back(slot);
        --m_waiting;
    }

    /// A request used the open row that never waited here.
    void count_served(std::uint32_t bank) { ++m_banks[bank].served; }

    /// Whether a request to that burst waits.
    bool holds(std::uint64_t burst) const
    {
        for (const waiting_request& request : m_slots)
            if (request.burst == burst)
                return true;
        return false;
    }

private:
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    static constexpr std::uint64_t no_row = ~std::uint64_t{0};

    struct bank_list {
        std::uint64_t open_row = no_row;
        std::uint64_t oldest_sequence = 0;
        std::uint64_t hit_sequence = 0;
        std::uint32_t oldest = none; // slots
        std::uint32_t newest = none;
        std::uint32_t hit = none;
        std::uint32_t before_hit = none; // in the list of the bank
        std::uint32_t served = 0;        // by the open row
    };

    void link(std::uint32_t slot)
    {
        waiting_request& request = m_slots[slot];
        request.next = none;
        bank_list& list = m_banks[request.bank];
        if (list.oldest == none) {
            list.oldest = slot;
            list.oldest_sequence = request.sequence;
        } else {
            m_slots[list.newest].next = slot;
        }
        if (list.hit == none) {
            list.before_hit = list.newest;
            find_hit(request.bank, slot);
        }
        list.newest = slot;
    }

    /// From a slot on whose predecessor is before_hit.
    void find_hit(std::uint32_t bank, std::uint32_t slot)
    {
        bank_list& list = m_banks[bank];
        const std::uint64_t bit = std::uint64_t{1} << bank;
        m_hits &= ~bit;
        m_misses &= ~bit;
        list.hit = none;
        if (list.open_row != no_row) {
            for (; slot != none; slot = m_slots[slot].next) {
                if (m_slots[slot].row == list.open_row) {
                    if (list.served >= m_hit_cap && slot != list.oldest)
                        break; // served long enough: an older request waits for another row
                    list.hit = slot;
                    list.hit_sequence = m_slots[slot].sequence;
                    m_hits |= bit;
                    return;
                }
                list.before_hit = slot;
            }
        }
        if (list.oldest != none)
            m_misses |= bit;
    }

    std::uint32_t m_hit_cap;
    std::vector<bank_list> m_banks;
    std::vector<waiting_request> m_slots;
    std::vector<std::uint32_t> m_free;
    std::size_t m_waiting = 0;
    std::uint64_t m_hits = 0;
    std::uint64_t m_misses = 0;
};

} // namespace loas::dram
