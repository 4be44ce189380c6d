/* A witness of everything a process does to one directory, and of what it asked to be made durable.

   Preloaded into an unchanged process, it carries out every call as it is and writes down, in the order
   of the calls, what changed below PERENNIAL_DISK: writes with their bytes, truncations, names made, moved
   and taken away, and each successful fsync with the place in this journal up to which it holds. Nothing
   is held back: what a power cut would have left is worked out from the journal afterwards (disk.py).

   Not seen, by design: writes through mmap (SQLite's -shm, which no one expects to survive) and metadata
   such as times and modes. Whether anything else goes unseen is tested: the journal played in full must
   give the directory, byte for byte. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define LIKE(name) __attribute__((visibility("default"), alias(name)))
#define DESCRIPTORS 65536
#define BUFFERS 1000

/* One entry of the journal; `size` bytes follow (bytes written, or names). */
struct entry {
    uint32_t magic;
    uint32_t kind; /* W write, T truncate, C create, L link, U unlink, R rename, X exchange, S sync, A all, ? */
    uint64_t inode;
    uint64_t parent;
    uint64_t other; /* offset, length, new parent, or the place up to which a sync holds */
    uint32_t mode;
    uint32_t size;
};

/* Where a name stands. */
struct place {
    int is_ours;
    uint64_t parent;
    char name[NAME_MAX + 1];
};

static char disk[PATH_MAX];
static size_t disk_length;
static int journal = -1;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static long (*kernel)(long, ...);
/* 0: never asked, 1: not of this disk, else the inode. */
static _Atomic uint64_t known[DESCRIPTORS];

static void begin(void) {
    static int has_begun;
    if (has_begun) return;
    has_begun = 1;
    kernel = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    const char *root = getenv("PERENNIAL_DISK"), *file = getenv("PERENNIAL_DISK_JOURNAL");
    if (root == NULL || file == NULL) return;
    disk_length = strlen(root);
    memcpy(disk, root, disk_length + 1);
    int opened = (int)kernel(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    journal = (int)kernel(SYS_fcntl, opened, F_DUPFD_CLOEXEC, 900);
    if (journal < 0) journal = opened;
    else kernel(SYS_close, opened);
    if (journal < 0) abort();
}

__attribute__((constructor)) static void at_load(void) { begin(); }

static long call(long number, long a, long b, long c, long d, long e, long f) {
    begin();
    return kernel(number, a, b, c, d, e, f);
}
#define CALL6(n, a, b, c, d, e, f, ...) call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL(...) CALL6(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* chDB loads itself with RTLD_DEEPBIND, which would bind its calls past us; sanitizers take it off as well. */
EXPORT void *dlopen(const char *file, int flags) {
    static void *(*next)(const char *, int);
    if (next == NULL) next = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
    return next(file, flags & ~RTLD_DEEPBIND);
}

/* --- writing down ------------------------------------------------------------------------------- */

static void put(struct entry entry, const struct iovec *parts, int count, size_t size) {
    struct iovec all[BUFFERS + 1];
    if (count > BUFFERS || size > UINT32_MAX) abort();
    entry.magic = 0x6b736964;
    entry.size = (uint32_t)size;
    all[0] = (struct iovec){&entry, sizeof entry};
    int used = 1;
    for (size_t left = size; left > 0; used++) {
        all[used] = parts[used - 1];
        if (all[used].iov_len > left) all[used].iov_len = left;
        left -= all[used].iov_len;
    }
    /* A journal with a gap would prove anything. */
    if (CALL(SYS_writev, journal, all, used) != (long)(sizeof entry + size)) abort();
}

static void put_names(struct entry entry, const char *first, const char *second) {
    struct iovec parts[2] = {{(void *)first, strlen(first) + 1}, {(void *)second, strlen(second) + 1}};
    put(entry, parts, 2, parts[0].iov_len + parts[1].iov_len);
}

static uint64_t journal_end(void) {
    struct stat found;
    if (CALL(SYS_fstat, journal, &found) != 0) abort();
    return (uint64_t)found.st_size;
}

static int is_below(const char *path) {
    return strncmp(path, disk, disk_length) == 0 && (path[disk_length] == '/' || path[disk_length] == 0);
}

static int path_of(int descriptor, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long length = CALL(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static uint64_t inode_of(int descriptor) {
    struct stat found;
    return CALL(SYS_fstat, descriptor, &found) == 0 ? found.st_ino : 0;
}

/* The inode of an open file of this disk, or 0. */
static uint64_t file_of(int descriptor) {
    if (journal < 0 || descriptor < 0 || descriptor == journal) return 0;
    uint64_t before = descriptor < DESCRIPTORS ? known[descriptor] : 0;
    if (before == 1) return 0;
    uint64_t inode = inode_of(descriptor);
    if (before != 0 && before == inode) return inode;
    char path[PATH_MAX];
    uint64_t found = path_of(descriptor, path) && is_below(path) ? inode : 0;
    if (descriptor < DESCRIPTORS) known[descriptor] = found ? found : 1;
    return found;
}

static void forget(int descriptor) {
    if (descriptor >= 0 && descriptor < DESCRIPTORS) known[descriptor] = 0;
}

/* Where a path leads, symbolic links on the way followed. */
static struct place place_of(int directory, const char *path) {
    struct place place = {0};
    char parent[PATH_MAX], resolved[PATH_MAX];
    size_t length = strlen(path);
    if (journal < 0 || length == 0 || length >= PATH_MAX) return place;
    while (length > 1 && path[length - 1] == '/') length--;
    size_t start = length;
    while (start > 0 && path[start - 1] != '/') start--;
    if (length - start > NAME_MAX) return place;
    memcpy(place.name, path + start, length - start);
    memcpy(parent, path, start);
    parent[start] = 0;
    int before = errno;
    int opened = (int)CALL(SYS_openat, directory, start ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (opened >= 0) {
        place.parent = inode_of(opened);
        place.is_ours = path_of(opened, resolved) && is_below(resolved);
        CALL(SYS_close, opened);
    }
    errno = before;
    return place;
}

static int look(int directory, const char *path, struct stat *found) {
    int before = errno;
    int is_there = CALL(SYS_newfstatat, directory, path, found, AT_SYMLINK_NOFOLLOW) == 0;
    errno = before;
    return is_there;
}

/* --- bytes ---------------------------------------------------------------------------------------- */

static ssize_t written(int descriptor, uint64_t inode, long done, const struct iovec *parts, int count, off_t at) {
    if (done > 0) {
        int before = errno;
        off_t start = at >= 0 ? at : (off_t)CALL(SYS_lseek, descriptor, 0, SEEK_CUR) - done;
        put((struct entry){.kind = 'W', .inode = inode, .other = (uint64_t)start}, parts, count, (size_t)done);
        errno = before;
    }
    return done;
}

EXPORT ssize_t write(int descriptor, const void *bytes, size_t size) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return CALL(SYS_write, descriptor, bytes, size);
    struct iovec part = {(void *)bytes, size};
    pthread_mutex_lock(&turn);
    ssize_t done = written(descriptor, inode, CALL(SYS_write, descriptor, bytes, size), &part, 1, -1);
    pthread_mutex_unlock(&turn);
    return done;
}

EXPORT ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t at) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return CALL(SYS_pwrite64, descriptor, bytes, size, at);
    struct iovec part = {(void *)bytes, size};
    pthread_mutex_lock(&turn);
    ssize_t done = written(descriptor, inode, CALL(SYS_pwrite64, descriptor, bytes, size, at), &part, 1, at);
    pthread_mutex_unlock(&turn);
    return done;
}
LIKE("pwrite") ssize_t pwrite64(int, const void *, size_t, off_t);

EXPORT ssize_t writev(int descriptor, const struct iovec *parts, int count) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return CALL(SYS_writev, descriptor, parts, count);
    pthread_mutex_lock(&turn);
    ssize_t done = written(descriptor, inode, CALL(SYS_writev, descriptor, parts, count), parts, count, -1);
    pthread_mutex_unlock(&turn);
    return done;
}

EXPORT ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t at) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return CALL(SYS_pwritev, descriptor, parts, count, at, 0);
    pthread_mutex_lock(&turn);
    ssize_t done = written(descriptor, inode, CALL(SYS_pwritev, descriptor, parts, count, at, 0), parts, count, at);
    pthread_mutex_unlock(&turn);
    return done;
}
LIKE("pwritev") ssize_t pwritev64(int, const struct iovec *, int, off_t);

/* Ways to write that nobody here uses: refused as an old kernel would, so that callers fall back. */
EXPORT ssize_t sendfile(int out, int in, off_t *at, size_t size) {
    if (!file_of(out)) return CALL(SYS_sendfile, out, in, at, size);
    errno = EINVAL;
    return -1;
}
LIKE("sendfile") ssize_t sendfile64(int, int, off_t *, size_t);

EXPORT ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t size, unsigned flags) {
    if (!file_of(out)) return CALL(SYS_copy_file_range, in, from, out, to, size, flags);
    errno = ENOSYS;
    return -1;
}

static int resized(uint64_t inode, long result, uint64_t length) {
    if (result == 0) put((struct entry){.kind = 'T', .inode = inode, .other = length}, NULL, 0, 0);
    return (int)result;
}

EXPORT int ftruncate(int descriptor, off_t length) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return (int)CALL(SYS_ftruncate, descriptor, length);
    pthread_mutex_lock(&turn);
    int result = resized(inode, CALL(SYS_ftruncate, descriptor, length), (uint64_t)length);
    pthread_mutex_unlock(&turn);
    return result;
}
LIKE("ftruncate") int ftruncate64(int, off_t);

EXPORT int truncate(const char *path, off_t length) {
    int opened = (int)CALL(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0);
    if (opened < 0) return -1;
    forget(opened);
    int result = ftruncate(opened, length);
    forget(opened);
    CALL(SYS_close, opened);
    return result;
}
LIKE("truncate") int truncate64(const char *, off_t);

EXPORT int fallocate(int descriptor, int mode, off_t at, off_t length) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return (int)CALL(SYS_fallocate, descriptor, mode, at, length);
    if (mode != 0) {
        errno = EOPNOTSUPP;
        return -1;
    }
    pthread_mutex_lock(&turn);
    long result = CALL(SYS_fallocate, descriptor, mode, at, length);
    struct stat found;
    if (result == 0 && CALL(SYS_fstat, descriptor, &found) == 0) resized(inode, 0, (uint64_t)found.st_size);
    pthread_mutex_unlock(&turn);
    return (int)result;
}
LIKE("fallocate") int fallocate64(int, int, off_t, off_t);

EXPORT int posix_fallocate(int descriptor, off_t at, off_t length) {
    int before = errno;
    int result = fallocate(descriptor, 0, at, length) == 0 ? 0 : errno;
    errno = before;
    return result;
}
LIKE("posix_fallocate") int posix_fallocate64(int, off_t, off_t);

/* --- names ---------------------------------------------------------------------------------------- */

static void created(struct place place, uint64_t inode, uint32_t mode, const char *target) {
    put_names((struct entry){.kind = 'C', .inode = inode, .parent = place.parent, .mode = mode}, place.name, target);
}

EXPORT int openat(int directory, const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    begin();
    struct place place = {0};
    if (flags & (O_CREAT | O_TRUNC)) place = place_of(directory, path);
    if (!place.is_ours) {
        int opened = (int)CALL(SYS_openat, directory, path, flags, mode);
        forget(opened);
        return opened;
    }
    struct stat found;
    pthread_mutex_lock(&turn);
    int was_there = look(directory, path, &found);
    int opened = (int)CALL(SYS_openat, directory, path, flags, mode);
    forget(opened);
    if (opened >= 0 && CALL(SYS_fstat, opened, &found) == 0) {
        if (!was_there) created(place, found.st_ino, found.st_mode, "");
        else if (flags & O_TRUNC && S_ISREG(found.st_mode)) resized(found.st_ino, 0, 0);
    }
    pthread_mutex_unlock(&turn);
    return opened;
}
LIKE("openat") int openat64(int, const char *, int, ...);

EXPORT int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    unsigned mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, unsigned) : 0;
    va_end(rest);
    return openat(AT_FDCWD, path, flags, mode);
}
LIKE("open") int open64(const char *, int, ...);

EXPORT int creat(const char *path, mode_t mode) {
    return openat(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
LIKE("creat") int creat64(const char *, mode_t);

EXPORT int close(int descriptor) {
    if (descriptor == journal && journal >= 0) {
        errno = EBADF;
        return -1;
    }
    forget(descriptor);
    return (int)CALL(SYS_close, descriptor);
}

EXPORT int dup3(int from, int to, int flags) {
    forget(to);
    return (int)CALL(SYS_dup3, from, to, flags);
}

EXPORT int dup2(int from, int to) {
    if (from != to) return dup3(from, to, 0);
    return CALL(SYS_fcntl, from, F_GETFD) < 0 ? -1 : to;
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode) {
    struct place place = place_of(directory, path);
    if (!place.is_ours) return (int)CALL(SYS_mkdirat, directory, path, mode);
    struct stat found;
    pthread_mutex_lock(&turn);
    int result = (int)CALL(SYS_mkdirat, directory, path, mode);
    if (result == 0 && look(directory, path, &found)) created(place, found.st_ino, found.st_mode, "");
    pthread_mutex_unlock(&turn);
    return result;
}

EXPORT int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

EXPORT int symlinkat(const char *target, int directory, const char *path) {
    struct place place = place_of(directory, path);
    if (!place.is_ours) return (int)CALL(SYS_symlinkat, target, directory, path);
    struct stat found;
    pthread_mutex_lock(&turn);
    int result = (int)CALL(SYS_symlinkat, target, directory, path);
    if (result == 0 && look(directory, path, &found)) created(place, found.st_ino, found.st_mode, target);
    pthread_mutex_unlock(&turn);
    return result;
}

EXPORT int symlink(const char *target, const char *path) { return symlinkat(target, AT_FDCWD, path); }

EXPORT int linkat(int from, const char *old, int to, const char *path, int flags) {
    struct place place = place_of(to, path);
    if (!place.is_ours) return (int)CALL(SYS_linkat, from, old, to, path, flags);
    struct stat found;
    pthread_mutex_lock(&turn);
    int result = (int)CALL(SYS_linkat, from, old, to, path, flags);
    if (result == 0 && look(to, path, &found))
        put_names((struct entry){.kind = 'L', .inode = found.st_ino, .parent = place.parent}, place.name, "");
    pthread_mutex_unlock(&turn);
    return result;
}

EXPORT int link(const char *old, const char *path) { return linkat(AT_FDCWD, old, AT_FDCWD, path, 0); }

EXPORT int unlinkat(int directory, const char *path, int flags) {
    struct place place = place_of(directory, path);
    if (!place.is_ours) return (int)CALL(SYS_unlinkat, directory, path, flags);
    pthread_mutex_lock(&turn);
    int result = (int)CALL(SYS_unlinkat, directory, path, flags);
    if (result == 0) put_names((struct entry){.kind = 'U', .parent = place.parent}, place.name, "");
    pthread_mutex_unlock(&turn);
    return result;
}

EXPORT int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
EXPORT int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

EXPORT int remove(const char *path) {
    struct stat found;
    return unlinkat(AT_FDCWD, path, look(AT_FDCWD, path, &found) && S_ISDIR(found.st_mode) ? AT_REMOVEDIR : 0);
}

EXPORT int renameat2(int from, const char *old, int to, const char *path, unsigned flags) {
    struct place source = place_of(from, old), target = place_of(to, path);
    if (!source.is_ours && !target.is_ours) return (int)CALL(SYS_renameat2, from, old, to, path, flags);
    struct stat moved;
    pthread_mutex_lock(&turn);
    if (!look(from, old, &moved)) moved.st_ino = 0;
    int result = (int)CALL(SYS_renameat2, from, old, to, path, flags);
    if (result == 0) {
        /* RENAME_EXCHANGE; a file that comes from or goes to elsewhere has no history here. */
        uint32_t kind = !source.is_ours || !target.is_ours ? '?' : flags & 2 ? 'X' : 'R';
        put_names((struct entry){.kind = kind, .inode = moved.st_ino, .parent = source.parent, .other = target.parent},
                  source.name, target.name);
    }
    pthread_mutex_unlock(&turn);
    return result;
}

EXPORT int renameat(int from, const char *old, int to, const char *path) { return renameat2(from, old, to, path, 0); }
EXPORT int rename(const char *old, const char *path) { return renameat2(AT_FDCWD, old, AT_FDCWD, path, 0); }

/* --- syncs: they hold for what was written down before they began --------------------------------- */

static int synced(long number, int descriptor) {
    uint64_t inode = file_of(descriptor);
    if (!inode) return (int)CALL(number, descriptor);
    pthread_mutex_lock(&turn);
    uint64_t upto = journal_end();
    pthread_mutex_unlock(&turn);
    int result = (int)CALL(number, descriptor);
    if (result == 0) {
        pthread_mutex_lock(&turn);
        uint32_t kind = number == SYS_syncfs ? 'A' : 'S';
        put((struct entry){.kind = kind, .inode = inode, .other = upto}, NULL, 0, 0);
        pthread_mutex_unlock(&turn);
    }
    return result;
}

EXPORT int fsync(int descriptor) { return synced(SYS_fsync, descriptor); }
EXPORT int fdatasync(int descriptor) { return synced(SYS_fdatasync, descriptor); }
EXPORT int syncfs(int descriptor) { return synced(SYS_syncfs, descriptor); }

/* --- the same by number ------------------------------------------------------------------------------ */

EXPORT long syscall(long number, ...) {
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int place = 0; place < 6; place++) a[place] = va_arg(rest, long);
    va_end(rest);
    switch (number) {
    case SYS_write: return write((int)a[0], (void *)a[1], (size_t)a[2]);
    case SYS_pwrite64: return pwrite((int)a[0], (void *)a[1], (size_t)a[2], a[3]);
    case SYS_openat: return openat((int)a[0], (char *)a[1], (int)a[2], (unsigned)a[3]);
    case SYS_close: return close((int)a[0]);
    case SYS_ftruncate: return ftruncate((int)a[0], a[1]);
    case SYS_fallocate: return fallocate((int)a[0], (int)a[1], a[2], a[3]);
    case SYS_copy_file_range:
        return copy_file_range((int)a[0], (off_t *)a[1], (int)a[2], (off_t *)a[3], (size_t)a[4], (unsigned)a[5]);
    case SYS_mkdirat: return mkdirat((int)a[0], (char *)a[1], (mode_t)a[2]);
    case SYS_unlinkat: return unlinkat((int)a[0], (char *)a[1], (int)a[2]);
    case SYS_linkat: return linkat((int)a[0], (char *)a[1], (int)a[2], (char *)a[3], (int)a[4]);
    case SYS_renameat2: return renameat2((int)a[0], (char *)a[1], (int)a[2], (char *)a[3], (unsigned)a[4]);
    case SYS_fsync: return fsync((int)a[0]);
    case SYS_fdatasync: return fdatasync((int)a[0]);
    default: return call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
