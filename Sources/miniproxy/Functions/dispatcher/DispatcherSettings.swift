import SIPKit

/// What a script sets for `dispatcher`.
struct DispatcherSettings: Sendable {
    /// The last one of a set is for failures alone.
    var usesDefault = false
    /// Kamailio's table, where the script names a database for it and no file.
    var isStored = false
    var table = Array("dispatcher".utf8)
    /// Seconds between two pings; 0 for none.
    var interval = 0
    /// `ds_probing_mode` 1: those that answer are asked as well.
    var probesAll = false
    var method = "OPTIONS"
    var from = "sip:dispatcher@localhost"
    /// Pings without an answer until a destination is inactive, and answers until it is active again.
    var badLimit = 1
    var goodLimit = 1
    /// `ds_ping_reply_codes`: statuses and classes that are as good as 2xx.
    var goodCodes: Set<Int> = []
    var goodClasses: Set<Int> = []

    init() {}

    init(_ values: ModuleValues) {
        guard values.script.modules.contains("dispatcher") else { return }
        self.usesDefault = values.isSet("dispatcher", "use_default")
        self.isStored =
            values.script.setting("dispatcher", "db_url") != nil && values.text("dispatcher", "list_file").isEmpty
        self.table = values.bytes("dispatcher", "table_name")
        self.interval = values.number("dispatcher", "ds_ping_interval")
        self.probesAll = values.number("dispatcher", "ds_probing_mode") != 0
        let method = values.text("dispatcher", "ds_ping_method")
        if !method.isEmpty, method.utf8.allSatisfy(ASCII.isToken) { self.method = method }
        let from = Array(values.text("dispatcher", "ds_ping_from").utf8)
        if (try? URIRanges(parsing: from.span, ByteRange(0, from.count))) != nil {
            self.from = String(decoding: from, as: UTF8.self)
        }
        self.badLimit = Swift.max(1, values.number("dispatcher", "ds_probing_threshold"))
        self.goodLimit = Swift.max(1, values.number("dispatcher", "ds_inactive_threshold"))
        for part in values.text("dispatcher", "ds_ping_reply_codes").split(separator: ";") {
            let words = part.split(separator: "=").map { $0.trimmingPrefix { $0 == " " } }
            guard words.count == 2, let number = Int(words[1].prefix { $0.isNumber }) else { continue }
            if words[0].hasPrefix("code") { self.goodCodes.insert(number) }
            if words[0].hasPrefix("class") { self.goodClasses.insert(number) }
        }
    }

    /// Whether this answer to a ping says that a destination is there.
    func isGood(_ status: Int) -> Bool {
        (200..<300).contains(status) || self.goodCodes.contains(status) || self.goodClasses.contains(status / 100)
    }
}
