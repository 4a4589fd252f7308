extension FunctionBodies {
    /// Of the functions in this folder.
    static let nathelperBodies: [String: Body] = [
        "nat_uac_test": Self.natTest,
        "client_nat_test": Self.clientNatTest,
        "is_rfc1918": Self.isPrivateAddress,
        "fix_nated_contact": Self.fixNatedContact,
        "fix_contact": Self.fixContact,
        "fix_nated_register": Self.fixRegister,
        "set_contact_alias": Self.setContactAlias,
        "add_contact_alias": Self.addContactAlias,
        "handle_ruri_alias": Self.handleURIAlias,
        "add_rcv_param": Self.addReceivedParameter,
        "fix_nated_sdp": Self.fixSDP,
    ]
}
