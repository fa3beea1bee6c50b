#include "platform/formats/nir.h"

#include "platform/formats/isolated_reader.h"
#include "platform/formats/nir_file.h"

#include <dlfcn.h>
#include <filesystem>
#include <stdexcept>

namespace loas::formats
{
namespace
{

/// HDF5 brings two dozen libraries with it, among them curl and Kerberos, whose loading takes longer than a small
/// simulation: who reads no NIR file loads none of them. The library lies beside the program, or where it was built.
void* load_library()
{
    std::error_code unknown;
    const std::filesystem::path built = LOAS_HDF5_READER;
    const std::filesystem::path beside =
        std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path() / built.filename();
    void* library =
        ::dlopen((std::filesystem::exists(beside, unknown) ? beside : built).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw std::runtime_error(::dlerror());
    return library;
}

} // namespace

void* hdf5_function(const char* name)
{
    static void* const library = load_library();
    void* symbol = ::dlsym(library, name);
    if (symbol == nullptr)
        throw std::runtime_error(::dlerror());
    return symbol;
}

nir_graph read_nir_unprotected(const std::string& path)
{
    const auto reader = reinterpret_cast<decltype(&loas_read_nir_file)>(hdf5_function("loas_read_nir_file"));
    nir_graph graph;
    reader(path, graph);
    return graph;
}

nir_graph read_nir(const std::string& path)
{
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    return read_isolated(path, read_nir_unprotected, limits_for(error ? 0 : bytes));
}

} // namespace loas::formats
