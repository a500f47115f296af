// SPDX-License-Identifier: Apache-2.0
// A small RAII wrapper over sqlite's C API: a connection, a prepared statement, and what went wrong. Only this folder
// includes it. Errors of sqlite are thrown as DatabaseError inside the folder and never leave it. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace overbias::logbook {

class DatabaseError : public std::runtime_error {
  public:
    DatabaseError(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    /// The record is at fault (a constraint of the schema), not the disk: trying again cannot help.
    [[nodiscard]] bool of_the_record() const noexcept;
    [[nodiscard]] int code() const noexcept { return code_; }

  private:
    int code_; ///< primary result code
};

class Database {
  public:
    /// Opens or creates the file for reading and writing. Throws DatabaseError.
    Database(const std::filesystem::path& file, int busy_timeout_ms);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs SQL without parameters and without rows.
    void run(const char* sql);
    /// First column of the first row as text; empty when there is no row or it is null.
    [[nodiscard]] std::optional<std::string> text_of(const char* sql);
    /// Ends a transaction that is open, whatever its state.
    void roll_back() noexcept;
    /// Throws what the last call left behind.
    [[noreturn]] void fail(int code, std::string_view doing);
    [[nodiscard]] sqlite3* handle() noexcept { return handle_; }

  private:
    sqlite3* handle_ = nullptr;
    std::string file_;
};

/// A prepared statement. Parameters count from 1, columns from 0.
class Statement {
  public:
    Statement(Database& database, const char* sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, double value);
    Statement& bind_null(int parameter);
    template <typename T>
    Statement& bind(int parameter, const std::optional<T>& value) {
        return value ? bind(parameter, *value) : bind_null(parameter);
    }

    /// True when there is a row.
    [[nodiscard]] bool step();
    /// Steps a statement that gives no row, and makes it ready again.
    void execute();
    void reset() noexcept;

    [[nodiscard]] bool is_null(int column);
    [[nodiscard]] std::string text(int column);
    [[nodiscard]] std::int64_t integer(int column);
    [[nodiscard]] double real(int column);

  private:
    Database& database_;
    sqlite3_stmt* statement_ = nullptr;
};

} // namespace overbias::logbook
