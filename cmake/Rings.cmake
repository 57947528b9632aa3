# A ring is a library. Its public headers stand in include/smsbcast/<ring>/ and its sources in src/<ring>/.
#
# The direction of the rings is enforced by the include path, not by review: each ring gets a folder of its own in the
# build tree that holds a link to its own headers only. A ring that includes a header of a ring it does not name in
# RINGS (directly or through them) therefore does not compile. What third-party headers a ring may use is checked by
# CheckIncludes.cmake before it is compiled, since those all stand in one system folder.

# smsbcast_ring(<name> [RINGS ring...] [LINK public-lib...] [PRIVATE private-lib...] [HEADER_ONLY] [PCH])
function(smsbcast_ring name)
  cmake_parse_arguments(ring "HEADER_ONLY;PCH" "" "RINGS;LINK;PRIVATE" ${ARGN})
  string(REPLACE "/" "_" target "smsbcast_${name}")
  set(view "${CMAKE_BINARY_DIR}/rings/${target}")
  cmake_path(GET name PARENT_PATH parent)
  file(MAKE_DIRECTORY "${view}/smsbcast/${parent}")
  if(NOT EXISTS "${view}/smsbcast/${name}")
    file(CREATE_LINK "${CMAKE_SOURCE_DIR}/include/smsbcast/${name}" "${view}/smsbcast/${name}" SYMBOLIC)
  endif()
  list(TRANSFORM ring_RINGS REPLACE "/" "_")
  list(TRANSFORM ring_RINGS PREPEND "smsbcast_")
  if(ring_HEADER_ONLY)
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE "${view}")
    target_link_libraries(${target} INTERFACE ${ring_RINGS} ${ring_LINK})
    set(sources "")
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC "${view}" PRIVATE "${CMAKE_SOURCE_DIR}/src/${name}")
    target_link_libraries(${target} PUBLIC ${ring_RINGS} ${ring_LINK} PRIVATE ${ring_PRIVATE})
    if(ring_PCH)
      target_precompile_headers(${target} REUSE_FROM smsbcast_asio_compiled)
    endif()
    smsbcast_unity(${target} ${sources})
  endif()
  smsbcast_check_includes(${target} ${name})
endfunction()

# Fails the build when a file of the ring includes a third-party header that the ring may not know.
function(smsbcast_check_includes target name)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS
       "${CMAKE_SOURCE_DIR}/include/smsbcast/${name}/*.hpp" "${CMAKE_SOURCE_DIR}/src/${name}/*.[ch]pp")
  set(stamp "${CMAKE_BINARY_DIR}/rings/${target}.checked")
  add_custom_command(
    OUTPUT "${stamp}"
    COMMAND ${CMAKE_COMMAND} -DRING=${name} "-DFILES=${files}" -P "${CMAKE_SOURCE_DIR}/cmake/CheckIncludes.cmake"
    COMMAND ${CMAKE_COMMAND} -E touch "${stamp}"
    DEPENDS ${files} "${CMAKE_SOURCE_DIR}/cmake/CheckIncludes.cmake"
    COMMENT "Checking the includes of ${name}"
    VERBATIM)
  add_custom_target(${target}_includes DEPENDS "${stamp}")
  add_dependencies(${target} ${target}_includes)
endfunction()

# Asio and Beast are compiled once, in one library, and their headers are parsed once, in its precompiled header.
function(smsbcast_asio)
  add_library(smsbcast_asio_headers INTERFACE)
  target_compile_definitions(smsbcast_asio_headers INTERFACE
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
  target_link_libraries(smsbcast_asio_headers INTERFACE Boost::headers fmt::fmt Threads::Threads)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/separate_compilation/*.cpp")
  add_library(smsbcast_asio_compiled STATIC ${sources})
  set_target_properties(smsbcast_asio_compiled PROPERTIES UNITY_BUILD OFF) # they are the two that take longest
  target_link_libraries(smsbcast_asio_compiled PUBLIC smsbcast_asio_headers)
  target_precompile_headers(smsbcast_asio_compiled PRIVATE "${CMAKE_SOURCE_DIR}/src/separate_compilation/asio_pch.hpp")
  add_library(smsbcast_asio INTERFACE)
  target_link_libraries(smsbcast_asio INTERFACE smsbcast_asio_compiled)
endfunction()
