// The plainest observer of links: a line for each transaction, in the order of the responses.
#pragma once

#include "models/kernel/link_observer.h"

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace loas::support
{

struct traced_transaction {
    kernel::link_ends link;
    kernel::transaction_record record;

    /// "cpu_to_bus: host writes 4 bytes at 0x10000008, 10 ns, OK"
    std::string text() const
    {
        std::ostringstream out;
        out << link.name << ": " << kernel::name_of(record.by)
            << (record.command == tlm::TLM_READ_COMMAND ? " reads " : " writes ") << record.bytes << " bytes at 0x"
            << std::hex << record.address << std::dec << ", "
            << static_cast<double>(record.end_ps - record.begin_ps) / 1000 << " ns, "
            << (record.response == tlm::TLM_OK_RESPONSE ? "OK" : "refused");
        return out.str();
    }
};

/// Traces of the links whose names are listed, or of all.
class transaction_trace
{
public:
    explicit transaction_trace(std::vector<std::string> only = {}) : m_only(std::move(only)) {}

    kernel::observer_maker maker()
    {
        return [this](const kernel::link_ends& link) -> std::unique_ptr<kernel::link_observer> {
            if (!m_only.empty() && std::find(m_only.begin(), m_only.end(), link.name) == m_only.end())
                return nullptr;
            return std::make_unique<tracer>(link, *this);
        };
    }

    std::vector<traced_transaction> transactions;

private:
    struct tracer : kernel::transaction_observer {
        tracer(const kernel::link_ends& link_, transaction_trace& into_) : link(link_), into(into_) {}
        void transaction_ended(const kernel::transaction_record& what) override
        {
            into.transactions.push_back({link, what});
        }
        kernel::link_ends link;
        transaction_trace& into;
    };

    std::vector<std::string> m_only;
};

} // namespace loas::support
