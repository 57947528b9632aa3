# smsbcast_embed_sql(<target> <dialect>): compiles sql/<dialect>/NNN_what.sql into the target, in order of number, as the
# table that `migrations.hpp` in src/adapters/<dialect>/ declares.
function(smsbcast_embed_sql target dialect)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/sql/${dialect}/[0-9][0-9][0-9]_*.sql")
  list(SORT files)
  set(generated "${CMAKE_BINARY_DIR}/generated/${dialect}_migrations.cpp")
  add_custom_command(
    OUTPUT "${generated}"
    COMMAND ${CMAKE_COMMAND} "-DFILES=${files}" -DDIALECT=${dialect} "-DOUT=${generated}"
            -P "${CMAKE_SOURCE_DIR}/cmake/GenerateMigrations.cmake"
    DEPENDS ${files} "${CMAKE_SOURCE_DIR}/cmake/GenerateMigrations.cmake"
    COMMENT "Embedding sql/${dialect}"
    VERBATIM)
  target_sources(${target} PRIVATE "${generated}")
endfunction()
