# Writes a C++ file with the text of each migration as a raw string literal.
set(rows "")
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM name)
  string(SUBSTRING "${name}" 0 3 number)
  string(REGEX REPLACE "^0+" "" number "${number}")
  file(READ "${file}" text)
  string(FIND "${text}" ")~sql~\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} contains the delimiter of the raw literal")
  endif()
  # The first line may say which older programs go on working beside it: those that know the migrations up to that one.
  set(compatible_with ${number})
  if(text MATCHES "^-- compatible-with: 0*([0-9]+)\n")
    set(compatible_with ${CMAKE_MATCH_1})
  endif()
  string(APPEND rows "    Migration{${number}, ${compatible_with}, \"${name}\", R\"~sql~(${text})~sql~\"},\n")
endforeach()
file(WRITE "${OUT}" "// Generated from sql/${DIALECT}. Do not edit.\n#include \"migrations.hpp\"\n\n#include <array>\n\n"
"namespace smsbcast::adapters::${DIALECT} {\n\nnamespace {\nconstexpr auto kMigrations = std::to_array<Migration>({\n${rows}});\n} // namespace\n\n"
"std::span<const Migration> migrations() { return kMigrations; }\n\n} // namespace smsbcast::adapters::${DIALECT}\n")
