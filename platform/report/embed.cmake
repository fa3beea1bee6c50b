# Writes OUTPUT, a C++ source that holds the files of the report page as texts. A file that is none is said by its name.
# cmake -DOUTPUT=FILE -DPAGE=DIR -DCHART_JS=FILE -DSCRIPTS=a.js,b.js -P embed.cmake
set(delimiter "embedded_file")
function(read_asset file result)
  file(READ "${file}" text)
  string(FIND "${text}" ")${delimiter}\"" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "${file} holds what ends the text that embeds it")
  endif()
  set(${result} "R\"${delimiter}(${text})${delimiter}\"" PARENT_SCOPE)
endfunction()

read_asset("${PAGE}/page.html" html)
read_asset("${PAGE}/page.css" style)
read_asset("${CHART_JS}" chart_js)
string(REPLACE "," ";" SCRIPTS "${SCRIPTS}")
set(script "")
foreach(name IN LISTS SCRIPTS)
  read_asset("${PAGE}/${name}" text)
  string(APPEND script "    ${text}\n")
endforeach()
file(WRITE "${OUTPUT}" "// Made by embed.cmake.
#include \"platform/report/page.h\"

const loas::report::page_assets& loas::report::embedded_page()
{
    static constexpr page_assets assets = {${html}, ${style}, ${chart_js},
${script}};
    return assets;
}
")
