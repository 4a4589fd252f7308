extension FunctionBodies {
    /// Of the functions in this folder.
    static let textopsBodies: [String: Body] = [
        "search": Self.search,
        "search_body": Self.searchBody,
        "search_hf": Self.searchHeader,
        "search_append": Self.searchAppend,
        "replace": Self.replace,
        "replace_all": Self.replaceAll,
        "subst": Self.substitute,
        "subst_uri": Self.substituteURI,
        "subst_user": Self.substituteUser,
        "append_to_reply": Self.appendToReply,
        "append_time": Self.appendTime,
        "append_hf": Self.appendHeader,
        "insert_hf": Self.insertHeader,
        "append_urihf": Self.appendURIHeader,
        "remove_hf": Self.removeHeader,
        "is_present_hf": Self.isHeaderPresent,
        "starts_with": Self.startsWith,
        "has_body": Self.hasBody,
    ]
}
