# Warnings, hardening, sanitizers: the same for every target, so they are set once for the directory.

set(SMSBCAST_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
set_property(CACHE SMSBCAST_SANITIZE PROPERTY STRINGS "" address thread)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Werror)
# g++ 12 reports these falsely in coroutine frames and inlined std::string code (GCC PR 105562, 105329, 104336).
add_compile_options(-Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow)

# Several sources compiled as one: a coroutine's frame may then hold what is only this source's.
if(CMAKE_UNITY_BUILD)
  add_compile_options(-Wno-subobject-linkage)
endif()

# Line numbers are what a stack trace needs; the rest of -g is a third of the compiler's work. Other flags, where somebody
# gave them, stay as they are.
if(CMAKE_CXX_FLAGS_RELWITHDEBINFO STREQUAL "-O2 -g -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(SMSBCAST_SANITIZE STREQUAL "")
  add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
elseif(SMSBCAST_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # Instrumented code confuses g++'s own flow analysis; what it warns of truly, the plain build has refused already.
  add_compile_options(-Wno-error)
  add_link_options(-fsanitize=address,undefined)
elseif(SMSBCAST_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  # g++ 12 warns that TSan does not model fences; Boost.Asio has one, in code that we do not use.
  add_compile_options(-Wno-tsan -Wno-error)
  add_link_options(-fsanitize=thread)
else()
  message(FATAL_ERROR "SMSBCAST_SANITIZE is '${SMSBCAST_SANITIZE}', must be address, thread or empty")
endif()

find_program(SMSBCAST_CCACHE ccache)
if(SMSBCAST_CCACHE)
  # Without the folder's name in what is compared, a second clone finds what the first one compiled. The inode cache
  # remembers the checksum of the precompiled header, which has 260 MB and is looked at for every source.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_INODECACHE=1 ${SMSBCAST_CCACHE})
  add_compile_options(-fpch-preprocess)
endif()
