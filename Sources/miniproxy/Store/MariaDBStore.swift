import CMariaDB
import Glibc
import SIPKit
import SIPNet

/// A connection to a MariaDB or MySQL server, over its own client library.
///
/// It connects when something is asked, and again when the connection was lost. After an attempt that failed the next
/// second's questions fail at once, so that a server that is down costs nobody a time-out but the first.
final class MariaDBStore: Store {
    private let server: DatabaseLocation.Server
    private var connection: UnsafeMutablePointer<MYSQL>?
    private var statements: [String: UnsafeMutablePointer<MYSQL_STMT>] = [:]
    private var lastFailure: (second: Int, error: StoreError)?

    /// Seconds until a server counts as not there, and until one that stopped talking does.
    private static let connectTimeout: CUnsignedInt = 3
    private static let answerTimeout: CUnsignedInt = 8
    /// More statements than scripts have; only people's own (`ctl db exec`) could make it grow.
    private static let statementLimit = 200

    var dialect: SQLDialect { .mariaDB }

    init(_ server: DatabaseLocation.Server) { self.server = server }

    deinit { self.disconnect() }

    // MARK: The connection

    private func disconnect() {
        for statement in self.statements.values { mysql_stmt_close(statement) }
        self.statements.removeAll()
        if let connection = self.connection { mysql_close(connection) }
        self.connection = nil
    }

    private func connect() throws(StoreError) -> UnsafeMutablePointer<MYSQL> {
        if let connection = self.connection { return connection }
        if let lastFailure, lastFailure.second == Self.second() { throw lastFailure.error }
        do throws(StoreError) {
            let connection = try self.open()
            self.connection = connection
            self.lastFailure = nil
            return connection
        } catch {
            self.lastFailure = (Self.second(), error)
            throw error
        }
    }

    private func open() throws(StoreError) -> UnsafeMutablePointer<MYSQL> {
        guard let connection = mysql_init(nil) else { throw StoreError(.unreachable, "no memory for a connection") }
        var connectTimeout = Self.connectTimeout
        var answerTimeout = Self.answerTimeout
        mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &connectTimeout)
        mysql_options(connection, MYSQL_OPT_READ_TIMEOUT, &answerTimeout)
        mysql_options(connection, MYSQL_OPT_WRITE_TIMEOUT, &answerTimeout)
        _ = "utf8mb4".withCString { mysql_options(connection, MYSQL_SET_CHARSET_NAME, $0) }
        _ = "SET time_zone = '+00:00'".withCString { mysql_options(connection, MYSQL_INIT_COMMAND, $0) }
        // A socket is this machine's; `localhost` without one means the usual socket, as for every client of it.
        let opened = mysql_real_connect(
            connection, self.server.socket == nil ? self.server.host : "localhost", self.server.user,
            self.server.password, self.server.name, CUnsignedInt(self.server.port), self.server.socket, 0)
        guard opened != nil else {
            let error = StoreError(
                .unreachable, "\(self.server): \(String(cString: mysql_error(connection))) (\(mysql_errno(connection)))"
            )
            mysql_close(connection)
            throw error
        }
        return connection
    }

    private static func second() -> Int { Int(SystemClock().now().nanoseconds / 1_000_000_000) }

    // MARK: Statements

    func query(_ sql: String, _ values: [[UInt8]?]) throws(StoreError) -> RowSet {
        try self.again { () throws(StoreError) in
            let statement = try self.execute(sql, values)
            defer { mysql_stmt_free_result(statement) }
            return try self.fetch(statement)
        }
    }

    func perform(_ steps: [SQLStep]) throws(StoreError) -> [Int] {
        try self.again { () throws(StoreError) in
            let connection = try self.connect()
            guard steps.count != 1 else { return [try self.change(steps[0])] }
            guard mysql_query(connection, "START TRANSACTION") == 0 else { throw self.lost(connection) }
            var changes: [Int] = []
            do throws(StoreError) {
                for step in steps { changes.append(try self.change(step)) }
            } catch {
                if let connection = self.connection { mysql_rollback(connection) }
                throw error
            }
            guard mysql_commit(connection) == 0 else { throw self.lost(connection) }
            return changes
        }
    }

    /// A connection that the server has closed while nobody asked is noticed by the first question: asked once more.
    private func again<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        let wasConnected = self.connection != nil
        do throws(StoreError) {
            return try body()
        } catch {
            guard wasConnected, self.connection == nil, error.text.hasSuffix(Self.closedMark) else { throw error }
            return try body()
        }
    }

    /// CR_SERVER_GONE_ERROR: nothing of the statement has reached the server.
    private static let closedMark = "(2006)"

    private func change(_ step: SQLStep) throws(StoreError) -> Int {
        let statement = try self.execute(step.sql, step.values)
        let count = mysql_stmt_affected_rows(statement)
        mysql_stmt_free_result(statement)
        return count == .max ? 0 : Int(clamping: count)
    }

    private func lost(_ connection: UnsafeMutablePointer<MYSQL>) -> StoreError {
        let error = StoreError(
            .unreachable, "\(self.server): \(String(cString: mysql_error(connection))) (\(mysql_errno(connection)))")
        self.disconnect()
        return error
    }

    private func failed(_ statement: UnsafeMutablePointer<MYSQL_STMT>, _ sql: String) -> StoreError {
        let code = mysql_stmt_errno(statement)
        let text = "\(self.server): \(String(cString: mysql_stmt_error(statement))) (\(code))"
        switch code {
        case 2000...2999:  // The client library's own: the connection is of no use any more.
            self.disconnect()
            return StoreError(.unreachable, text)
        case 1205, 1213, 1040, 1053: return StoreError(.unreachable, text)  // Locks, too many, shutting down.
        case 1021, 1114, 3: return StoreError(.full, text)  // Disk full, table full, error writing file.
        default:
            if let known = self.statements.removeValue(forKey: sql) { mysql_stmt_close(known) }
            return StoreError(.refused, text)
        }
    }

    private func prepare(_ sql: String) throws(StoreError) -> UnsafeMutablePointer<MYSQL_STMT> {
        let connection = try self.connect()
        if let known = self.statements[sql] { return known }
        guard let statement = mysql_stmt_init(connection) else { throw self.lost(connection) }
        guard mysql_stmt_prepare(statement, sql, CUnsignedLong(sql.utf8.count)) == 0 else {
            let error = self.failed(statement, sql)
            mysql_stmt_close(statement)
            throw error
        }
        // So that the longest value of a column is known once the rows are here.
        var wanted: my_bool = 1
        mysql_stmt_attr_set(statement, STMT_ATTR_UPDATE_MAX_LENGTH, &wanted)
        if self.statements.count >= Self.statementLimit {
            for old in self.statements.values { mysql_stmt_close(old) }
            self.statements.removeAll()
        }
        self.statements[sql] = statement
        return statement
    }

    private func execute(
        _ sql: String, _ values: [[UInt8]?]
    ) throws(StoreError) -> UnsafeMutablePointer<MYSQL_STMT> {
        let statement = try self.prepare(sql)
        guard Int(mysql_stmt_param_count(statement)) == values.count else {
            throw StoreError(.refused, "\(self.server): the statement has \(mysql_stmt_param_count(statement)) values")
        }
        // All values in one piece of memory, which stays where it is until the server has them.
        let memory = UnsafeMutablePointer<UInt8>.allocate(
            capacity: Swift.max(1, values.reduce(0) { $0 + ($1?.count ?? 0) }))
        let bindings = UnsafeMutablePointer<MYSQL_BIND>.allocate(capacity: Swift.max(1, values.count))
        defer {
            memory.deallocate()
            bindings.deallocate()
        }
        var used = 0
        for (place, value) in values.enumerated() {
            var binding = MYSQL_BIND()
            if let value {
                (memory + used).initialize(from: value, count: value.count)
                binding.buffer_type = MYSQL_TYPE_STRING
                binding.buffer = UnsafeMutableRawPointer(memory + used)
                binding.buffer_length = CUnsignedLong(value.count)
                binding.length_value = CUnsignedLong(value.count)
                used += value.count
            } else {
                binding.buffer_type = MYSQL_TYPE_NULL
            }
            (bindings + place).initialize(to: binding)
        }
        if !values.isEmpty, mysql_stmt_bind_param(statement, bindings) != 0 { throw self.failed(statement, sql) }
        guard mysql_stmt_execute(statement) == 0 else { throw self.failed(statement, sql) }
        guard mysql_stmt_store_result(statement) == 0 else { throw self.failed(statement, sql) }
        return statement
    }

    /// The rows, every value as text.
    private func fetch(_ statement: UnsafeMutablePointer<MYSQL_STMT>) throws(StoreError) -> RowSet {
        guard let description = mysql_stmt_result_metadata(statement) else { return RowSet() }
        defer { mysql_free_result(description) }
        let count = Int(mysql_num_fields(description))
        guard count > 0, let fields = mysql_fetch_fields(description) else { return RowSet() }
        var set = RowSet()
        var sizes: [Int] = []
        for place in 0..<count {
            set.columns.append(fields[place].name.map { String(cString: $0) } ?? "")
            // Numbers and dates are written into at most 64 characters.
            sizes.append(Swift.max(64, Int(clamping: fields[place].max_length)) + 1)
        }
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: sizes.reduce(0, +))
        let bindings = UnsafeMutablePointer<MYSQL_BIND>.allocate(capacity: count)
        let lengths = UnsafeMutablePointer<CUnsignedLong>.allocate(capacity: count)
        let nulls = UnsafeMutablePointer<my_bool>.allocate(capacity: count)
        defer {
            memory.deallocate()
            bindings.deallocate()
            lengths.deallocate()
            nulls.deallocate()
        }
        var starts: [UnsafeMutablePointer<UInt8>] = []
        var used = 0
        for place in 0..<count {
            starts.append(memory + used)
            (lengths + place).initialize(to: 0)
            (nulls + place).initialize(to: 0)
            var binding = MYSQL_BIND()
            binding.buffer_type = MYSQL_TYPE_STRING
            binding.buffer = UnsafeMutableRawPointer(memory + used)
            binding.buffer_length = CUnsignedLong(sizes[place])
            binding.length = lengths + place
            binding.is_null = nulls + place
            (bindings + place).initialize(to: binding)
            used += sizes[place]
        }
        guard mysql_stmt_bind_result(statement, bindings) == 0 else { throw self.failed(statement, "") }
        while true {
            switch mysql_stmt_fetch(statement) {
            case 0, MYSQL_DATA_TRUNCATED:
                var row: [[UInt8]?] = []
                row.reserveCapacity(count)
                for place in 0..<count {
                    guard nulls[place] == 0 else {
                        row.append(nil)
                        continue
                    }
                    let length = Swift.min(Int(clamping: lengths[place]), sizes[place])
                    row.append(Array(UnsafeBufferPointer(start: starts[place], count: length)))
                }
                set.rows.append(row)
            case MYSQL_NO_DATA: return set
            default: throw self.failed(statement, "")
            }
        }
    }
}
