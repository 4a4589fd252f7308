extension FunctionBodies {
    /// Of the functions in this folder.
    static let avpOpsBodies: [String: Body] = [
        "avp_write": Self.avpWrite,
        "avp_delete": Self.avpDelete,
        "avp_pushto": Self.avpPushTo,
        "avp_check": Self.avpCheck,
        "avp_copy": Self.avpCopy,
        "avp_printf": Self.avpPrintf,
        "avp_subst": Self.avpSubst,
        "avp_op": Self.avpOp,
        "avp_print": Self.avpPrint,
        "avp_db_query": Self.avpDBQuery,
        "avp_db_load": Self.avpDBLoad,
        "avp_db_store": Self.avpDBStore,
        "avp_db_delete": Self.avpDBDelete,
    ]
}
