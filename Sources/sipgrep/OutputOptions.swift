import ArgumentParser

/// The options that choose another output than the forms of `-W`.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print a JSON object a message, and one at the end.")
    var json = false
    @Flag(name: .customLong("raw"), help: "With --json: add the message itself.")
    var addsRaw = false
    @Option(
        name: .customLong("csv"),
        help: ArgumentHelp(
            "Print these fields as CSV (ts, src, dst, method, status, from.user, header.NAME, ...).",
            valueName: "cols"))
    var csv: String?
    @Option(
        name: .customLong("fields"),
        help: ArgumentHelp("Print these fields, separated by tabs.", valueName: "cols"))
    var fields: String?

    func apply(form name: String?, to settings: inout Settings) throws(Failure) {
        let chosen = [
            name.map { _ in "-W" }, settings.isHexDump ? "-x" : nil, self.json ? "--json" : nil,
            self.csv.map { _ in "--csv" }, self.fields.map { _ in "--fields" },
        ].compactMap { $0 }
        guard chosen.count <= 1 else { throw Failure("\(chosen.joined(separator: " and ")) exclude one another") }
        if let name {
            guard let form = Settings.Form(rawValue: name), Settings.Form.named.contains(form) else {
                let known = Settings.Form.named.map(\.rawValue).joined(separator: ", ")
                throw Failure("-W: \"\(name)\" is not known; there are \(known)")
            }
            settings.form = form
        }
        if settings.isHexDump { settings.form = .normal }
        settings.addsRaw = self.addsRaw
        if self.json { settings.form = .json }
        if let list = self.csv ?? self.fields {
            settings.form = self.csv == nil ? .fields : .csv
            settings.fieldColumns = try ColumnPrinter.columns(list)
        }
    }
}
