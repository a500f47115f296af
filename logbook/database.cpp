// SPDX-License-Identifier: Apache-2.0
#include "logbook/database.hpp"

#include <sqlite3.h>

namespace overbias::logbook {

namespace {

/// What the operator can do about it.
const char* advice(int code) {
    switch (code) {
    case SQLITE_FULL:
        return "; the disk is full: make room";
    case SQLITE_READONLY:
        return "; the file or its file system is read-only: make it writable";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another program holds it locked: end that program";
    case SQLITE_IOERR:
        return "; the disk fails or is full: look at the kernel's log";
    case SQLITE_CANTOPEN:
        return "; the directory must exist and be writable";
    case SQLITE_NOTADB:
        return "; this is not a logbook: move it away";
    case SQLITE_CORRUPT:
        return "; the file is damaged: move it away and restore a copy";
    default:
        return "";
    }
}

} // namespace

bool DatabaseError::of_the_record() const noexcept {
    return code_ == SQLITE_CONSTRAINT || code_ == SQLITE_MISMATCH || code_ == SQLITE_TOOBIG;
}

Database::Database(const std::filesystem::path& file, int busy_timeout_ms) : file_(file.string()) {
    const int code = sqlite3_open_v2(file_.c_str(), &handle_,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    try {
        if (code != SQLITE_OK) {
            fail(code, "cannot be opened");
        }
        sqlite3_busy_timeout(handle_, busy_timeout_ms);
        // a full disk or a broken cable must not become SIGBUS: no memory map
        run("PRAGMA mmap_size = 0");
        run("PRAGMA synchronous = FULL");
        run("PRAGMA foreign_keys = ON");
    } catch (...) {
        sqlite3_close(handle_);
        throw;
    }
}

Database::~Database() {
    sqlite3_close(handle_);
}

void Database::fail(int code, std::string_view doing) {
    const int primary = code & 0xFF;
    const std::string why = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
    throw DatabaseError(primary, file_ + ": " + std::string(doing) + ": " + why + advice(primary));
}

void Database::run(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        fail(code, std::string_view(sql).substr(0, 40));
    }
}

std::optional<std::string> Database::text_of(const char* sql) {
    Statement statement(*this, sql);
    if (!statement.step() || statement.is_null(0)) {
        return std::nullopt;
    }
    return statement.text(0);
}

void Database::roll_back() noexcept {
    if (sqlite3_get_autocommit(handle_) == 0) {
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr,
                     nullptr); // sqlite has rolled back by itself when this fails
    }
}

Statement::Statement(Database& database, const char* sql) : database_(database) {
    const int code = sqlite3_prepare_v2(database.handle(), sql, -1, &statement_, nullptr);
    if (code != SQLITE_OK) {
        database.fail(code, std::string_view(sql).substr(0, 40));
    }
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::string_view text) {
    const int code =
        sqlite3_bind_text64(statement_, parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) {
        database_.fail(code, "a text cannot be bound");
    }
    return *this;
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    const int code = sqlite3_bind_int64(statement_, parameter, value);
    if (code != SQLITE_OK) {
        database_.fail(code, "an integer cannot be bound");
    }
    return *this;
}

Statement& Statement::bind(int parameter, double value) {
    const int code = sqlite3_bind_double(statement_, parameter, value);
    if (code != SQLITE_OK) {
        database_.fail(code, "a number cannot be bound");
    }
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    const int code = sqlite3_bind_null(statement_, parameter);
    if (code != SQLITE_OK) {
        database_.fail(code, "a null cannot be bound");
    }
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        try {
            database_.fail(code, std::string_view(sqlite3_sql(statement_)).substr(0, 40));
        } catch (...) {
            reset(); // after the message was read
            throw;
        }
    }
    return false;
}

void Statement::execute() {
    (void)step();
    reset();
}

void Statement::reset() noexcept {
    sqlite3_reset(statement_);
}

bool Statement::is_null(int column) {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Statement::text(int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text == nullptr ? std::string()
                           : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t Statement::integer(int column) {
    return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) {
    return sqlite3_column_double(statement_, column);
}

} // namespace overbias::logbook
