/// What the acc module writes, to the log and to the database, and when (FUNCTIONS.md §16).
struct AccountingSettings: Sendable, Equatable {
    /// The bit of `log_flag`: requests with it are logged when they have been answered. 0 for none.
    var answeredFlag: UInt32 = 0
    /// The bit of `log_missed_flag`: requests with it are logged when they have failed.
    var missedFlag: UInt32 = 0
    var reportsFailures = false
    var reportsEarlyMedia = false
    var reportsACK = true
    var reportsCancel = false
    var level = 2
    /// `db_flag` and `db_missed_flag`: the same for rows of a table.
    var answeredRowFlag: UInt32 = 0
    var missedRowFlag: UInt32 = 0
    var table = Array("acc".utf8)
    var missedTable = Array("missed_calls".utf8)
    /// `log_fmt`: a letter a field.
    var format = Array("miocfs".utf8)

    var answered: UInt32 { self.answeredFlag | self.answeredRowFlag }
    var missed: UInt32 { self.missedFlag | self.missedRowFlag }
    var isOn: Bool { self.answered | self.missed != 0 }

    /// Flag 0 and -1 are "none", as in SER.
    static func bit(_ flag: Int) -> UInt32 { (1...31).contains(flag) ? 1 << UInt32(flag) : 0 }
}
