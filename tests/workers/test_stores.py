from workers.stores import stores_of


def test_the_vault_is_needed_where_a_store_names_credentials(parts):
    _, needs = stores_of(parts)

    assert [(need.setting, need.address) for need in needs] == [
        ("vault.approles (cloud)", "http://127.0.0.1:1"),
        ("artifacts.builds", "bucket b at http://127.0.0.1:1"),
        ("artifacts.images", "registry at AWS eu-west-1"),
    ]
