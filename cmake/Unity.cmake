# Where CMAKE_UNITY_BUILD is on (scripts/lib/build.sh), several sources are compiled as one. That costs about two fifths of
# the compiler's work, which is mostly headers and the templates of them that every source asks for.

set(SMSBCAST_BATCH 8 CACHE STRING "the most sources that are compiled as one where CMAKE_UNITY_BUILD is on")

# smsbcast_unity(<target> <source>...): a batch holds sources of one folder, so a name in an anonymous namespace, or a
# `using` of a test, must mean one thing in a folder. Sources with hooks of the chaos build have batches of their own:
# every other one is then the same in both builds, and found in ccache.
function(smsbcast_unity target)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  set(groups "")
  foreach(source IN LISTS ARGN)
    cmake_path(GET source PARENT_PATH group)
    file(STRINGS "${source}" hooks REGEX "base/chaos\\.hpp" LIMIT_COUNT 1)
    if(hooks)
      set(group hooked)
    endif()
    string(MAKE_C_IDENTIFIER "${group}" group)
    list(APPEND groups ${group})
    list(APPEND sources_${group} "${source}")
  endforeach()
  list(REMOVE_DUPLICATES groups)
  set(number 0)
  foreach(group IN LISTS groups)
    smsbcast_batches(${number} ${sources_${group}})
    math(EXPR number "${number} + 1")
  endforeach()
endfunction()

# Batches of about one size, each of sources that stand beside one another.
function(smsbcast_batches group)
  list(LENGTH ARGN length)
  math(EXPR batches "(${length} + ${SMSBCAST_BATCH} - 1) / ${SMSBCAST_BATCH}")
  set(at 0)
  foreach(source IN LISTS ARGN)
    math(EXPR batch "${at} * ${batches} / ${length}")
    set_source_files_properties("${source}" PROPERTIES UNITY_GROUP ${group}_${batch})
    math(EXPR at "${at} + 1")
  endforeach()
endfunction()
