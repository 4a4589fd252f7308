/* What Glibc's Swift module lacks for fast datagrams: recvmmsg, sendmmsg and friends.
   Header-only; the one .c file exists because a package target needs one. */
#ifndef CSOCKETS_H
#define CSOCKETS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/socket.h>

#endif
