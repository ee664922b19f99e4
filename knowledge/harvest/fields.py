"""The fields of HSDS 3.0, by the object they stand in: what an import may hold."""

from __future__ import annotations

_WORDS = {
    "service": """
        id organization_id program_id name alternate_name description url email status interpretation_services
        application_process fees_description wait_time fees accreditations eligibility_description minimum_age
        maximum_age assured_date assurer_email licenses alert last_modified phones schedules service_areas
        service_at_locations languages organization funding cost_options program required_documents contacts
        attributes metadata
    """,
    "organization": """
        id name alternate_name description email website tax_status tax_id year_incorporated legal_status logo uri
        parent_organization_id funding contacts phones locations programs organization_identifiers attributes
        metadata
    """,
    "phones": """
        id location_id service_id organization_id contact_id service_at_location_id number extension type
        description languages attributes metadata
    """,
    "schedules": """
        id service_id location_id service_at_location_id valid_from valid_to dtstart timezone until count wkst freq
        interval byday byweekno bymonthday byyearday description opens_at closes_at schedule_link attending_type
        notes attributes metadata
    """,
    "service_areas": """
        id service_id name description extent extent_type uri attributes metadata
    """,
    "languages": """
        id service_id location_id phone_id name code note attributes metadata
    """,
    "contacts": """
        id organization_id service_id service_at_location_id location_id name title department email phones
        attributes metadata
    """,
    "attributes": """
        id link_id taxonomy_term_id link_type link_entity value taxonomy_term metadata
    """,
}
#: Objects that are looked into; the others are left out of a draft as they are.
FIELDS: dict[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _WORDS.items()}
