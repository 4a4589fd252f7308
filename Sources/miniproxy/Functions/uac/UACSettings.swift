import SIPKit

/// What a script sets for `uac`.
struct UACSettings: Sendable {
    /// Whether later requests of a dialog get their other From and To without being asked to.
    var isAutomatic = false
    /// The parameter of our Record-Route that carries what From was.
    var parameter = "vsf"

    /// `credential`: for the realms of next hops.
    var credentials: [(realm: [UInt8], user: [UInt8], password: [UInt8])] = []
    /// `auth_realm_avp` and its like; `nil` where the script names none.
    var realmAttribute: AttributeList.Name?
    var userAttribute: AttributeList.Name?
    var passwordAttribute: AttributeList.Name?

    init() {}

    init(_ values: ModuleValues) {
        let mode = values.text("uac", "restore_mode")
        self.isAutomatic = values.script.modules.contains("uac") && mode == "auto"
        self.parameter = values.text("uac", "rr_store_param")
        for setting in values.script.moduleSettings where setting.module == "uac" && setting.name == "credential" {
            let parts = Array(setting.value.text.utf8).split(
                separator: ASCII.colon, maxSplits: 2, omittingEmptySubsequences: false
            ).map { Array($0) }
            guard parts.count == 3, !parts[0].isEmpty else { continue }
            self.credentials.append((realm: parts[1], user: parts[0], password: parts[2]))
        }
        func attribute(_ name: String) -> AttributeList.Name? {
            let text = values.bytes("uac", name)
            return text.isEmpty ? nil : AttributeName(text).name
        }
        self.realmAttribute = attribute("auth_realm_avp")
        self.userAttribute = attribute("auth_username_avp")
        self.passwordAttribute = attribute("auth_password_avp")
    }
}
