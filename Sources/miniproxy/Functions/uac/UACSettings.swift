/// What a script sets for `uac`.
struct UACSettings: Sendable {
    /// Whether later requests of a dialog get their other From and To without being asked to.
    var isAutomatic = false
    /// The parameter of our Record-Route that carries what From was.
    var parameter = "vsf"

    init() {}

    init(_ values: ModuleValues) {
        let mode = values.text("uac", "restore_mode")
        self.isAutomatic = values.script.modules.contains("uac") && mode == "auto"
        self.parameter = values.text("uac", "rr_store_param")
    }
}
