# Each public header compiles alone, seen only with the include path of its own ring.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/include/*.hpp")
set(known adapters/postgres adapters/rabbitmq adapters/sqlite adapters/inprocess adapters/http_provider adapters/system
          base domain ports app runtime http schema config transport mock roles commands)
foreach(ring IN LISTS known)
  string(REPLACE "/" "_" target "smsbcast_${ring}")
  set(sources "")
  foreach(header IN LISTS headers)
    if(header MATCHES "^smsbcast/${ring}/[^/]+\\.hpp$")
      string(REPLACE "/" "_" name "${header}")
      set(source "${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp")
      file(GENERATE OUTPUT "${source}" CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
      list(APPEND sources "${source}")
    endif()
  endforeach()
  if(sources)
    add_library(${target}_headers OBJECT ${sources})
    target_link_libraries(${target}_headers PRIVATE ${target})
    set_target_properties(${target}_headers PROPERTIES UNITY_BUILD OFF)
    # Of those that know Asio each would parse it once more, which takes seconds. What such a header forgets to include
    # of Asio and the standard library is seen by .ci/check-tidy, which precompiles nothing.
    if(NOT ring MATCHES "^(base|domain|schema|config)$")
      target_precompile_headers(${target}_headers REUSE_FROM smsbcast_asio_compiled)
    else()
      target_compile_options(${target}_headers PRIVATE -O0 -g0 -U_FORTIFY_SOURCE) # nothing of it is linked or run
    endif()
  endif()
endforeach()
