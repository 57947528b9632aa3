#pragma once

// Of an attempt whose end nobody tells.
#define SMSBCAST_LOST_CODE "'worker_lost'"
#define SMSBCAST_LOST_MESSAGE "'the worker that was sending it ended without a word'"
